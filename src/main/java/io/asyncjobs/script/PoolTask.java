package io.asyncjobs.script;

import io.asyncjobs.platform.memory.ByteBudget;
import io.asyncjobs.script.worker.Ending;
import io.asyncjobs.script.worker.FromWorker;
import io.asyncjobs.script.worker.RunInput;
import io.asyncjobs.script.worker.ToWorker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** A run or a check that the pool has accepted and has to answer. What changes is guarded by the pool's lock. */
abstract class PoolTask {

    private static final Logger LOG = Logger.getLogger(PoolTask.class);
    private static final List<LogLevel> LEVELS = List.of(LogLevel.values());

    /** How a task has to end, and why. */
    record Stop(ScriptOutcome.Kind kind, String reason) {}

    private final long id;
    private final Duration wallTime;
    private final List<Alarms.Alarm> alarms = new ArrayList<>(2);
    private @Nullable PooledWorker worker;
    private long startedNanoTime;
    private boolean ended;
    private @Nullable Stop stop;
    private boolean stopHeard;

    PoolTask(long id, Duration wallTime) {
        this.id = id;
        this.wallTime = wallTime;
    }

    long id() {
        return id;
    }

    Duration wallTime() {
        return wallTime;
    }

    /** Null while it waits for one. */
    @Nullable
    PooledWorker worker() {
        return worker;
    }

    /** A {@link System#nanoTime}; valid once a worker has it. */
    long startedNanoTime() {
        return startedNanoTime;
    }

    void begunBy(PooledWorker taker) {
        silence();
        worker = taker;
        startedNanoTime = System.nanoTime();
    }

    boolean hasEnded() {
        return ended;
    }

    /** Returns false if it has ended before. */
    boolean end() {
        if (ended) {
            return false;
        }
        ended = true;
        silence();
        return true;
    }

    /** Null if nobody has asked for its end. */
    @Nullable
    Stop stop() {
        return stop;
    }

    /** Returns false if it was asked to stop before: the first reason counts. */
    boolean askToStop(Stop wish) {
        if (stop != null) {
            return false;
        }
        stop = wish;
        return true;
    }

    /** Notes that its worker has read that it has to stop. */
    void stopWasHeard() {
        stopHeard = true;
    }

    boolean isStopHeard() {
        return stopHeard;
    }

    /** Keeps an alarm until the task ends or begins. */
    void keep(Alarms.Alarm alarm) {
        alarms.add(alarm);
    }

    private void silence() {
        alarms.forEach(Alarms.Alarm::silence);
        alarms.clear();
    }

    /** What its worker is told. */
    abstract ToWorker message(KnownSources sources);

    /** The answer if no worker gave one. Called without the lock. */
    abstract void completeWithout(Stop end);

    /** A run in flight or waiting for a worker. */
    static final class Run extends PoolTask implements ScriptRun {

        private final ScriptRequest request;
        private final HostFunctions host;
        private final ScriptPool pool;
        private final CompletableFuture<ScriptOutcome> future = new CompletableFuture<>();
        // Touched by the worker's reading thread alone
        private long logBytes;
        private boolean logTruncated;
        /** Memory granted to calls that have not come yet, by call. */
        private final Map<Integer, ByteBudget.Hold> granted = new ConcurrentHashMap<>();

        /** Memory of large replies that the script does not have yet, by call. */
        private final Map<Integer, ByteBudget.Hold> delivered = new ConcurrentHashMap<>();

        private final Queue<Runnable> calls = new ConcurrentLinkedQueue<>();
        private final AtomicInteger waitingCalls = new AtomicInteger();

        Run(long id, ScriptRequest request, HostFunctions host, ScriptPool pool) {
            super(id, request.limits().wallTime());
            this.request = request;
            this.host = host;
            this.pool = pool;
        }

        String digest() {
            return request.source().sha256();
        }

        long deadlineNanoTime() {
            return startedNanoTime() + wallTime().toNanos();
        }

        boolean isAnswered() {
            return future.isDone();
        }

        /** Memory for a call of this run. */
        ByteBudget.Hold hold() {
            return host.memory().hold();
        }

        CompletionStage<@Nullable String> call(String function, String argumentsJson, ByteBudget.Hold memory) {
            return host.call(function, argumentsJson, memory);
        }

        void log(FromWorker.Log entry) {
            String data = entry.dataJson();
            // The worker keeps the limit; this only holds should it fail to
            logBytes += entry.notice()
                    ? 0
                    : Math.max(FromWorker.Log.LEAST_BYTES, entry.text().length() + (data == null ? 0 : data.length()));
            logTruncated |= entry.notice();
            if (logBytes > request.limits().logBytes()) {
                logTruncated = true;
                return;
            }
            try {
                host.log(new LogLine(
                        LEVELS.get(Math.floorMod(entry.level(), LEVELS.size())),
                        entry.text(),
                        data,
                        startedNanoTime() + entry.nanos()));
            } catch (RuntimeException e) {
                LOG.error("A log line could not be taken", e);
            }
        }

        /** Keeps the memory granted to a call until {@link #takeGranted}. */
        void grant(int call, ByteBudget.Hold memory) {
            granted.put(call, memory);
            if (isAnswered()) {
                releaseHeld();
            }
        }

        ByteBudget.@Nullable Hold takeGranted(int call) {
            return granted.remove(call);
        }

        /** Keeps the memory of a large reply until {@link #taken}. */
        void deliver(int call, ByteBudget.Hold memory) {
            delivered.put(call, memory);
            if (isAnswered()) {
                releaseHeld();
            }
        }

        /** The script has the reply to that call. */
        void taken(int call) {
            ByteBudget.Hold memory = delivered.remove(call);
            if (memory != null) {
                memory.close();
            }
        }

        private void releaseHeld() {
            granted.values().forEach(ByteBudget.Hold::close);
            delivered.values().forEach(ByteBudget.Hold::close);
        }

        /** Carries out {@code call} on some thread, after all calls before it. */
        void inOrder(Executor threads, Runnable call) {
            calls.add(call);
            if (waitingCalls.getAndIncrement() == 0) {
                threads.execute(this::carryOutCalls);
            }
        }

        private void carryOutCalls() {
            do {
                Runnable next = Objects.requireNonNull(calls.poll());
                try {
                    next.run();
                } catch (RuntimeException | Error e) {
                    // The calls behind it wait for this thread
                    LOG.error("A host call could not be carried out", e);
                }
            } while (waitingCalls.decrementAndGet() > 0);
        }

        @Override
        public CompletableFuture<ScriptOutcome> completion() {
            return future.copy();
        }

        @Override
        public void cancel(String reason) {
            pool.stop(this, new Stop(ScriptOutcome.Kind.CANCELLED, reason));
        }

        @Override
        ToWorker message(KnownSources sources) {
            ScriptLimits limits = request.limits();
            KnownSources.Named source = sources.name(request.source(), request.strict());
            return new ToWorker.Run(
                    id(),
                    source.key(),
                    source.text(),
                    request.strict(),
                    new RunInput(
                            request.parametersJson(),
                            request.contextJson(),
                            limits.logBytes(),
                            limits.resultBytes(),
                            limits.hostCalls(),
                            limits.waitingBytes(),
                            limits.callBytes()));
        }

        @Override
        void completeWithout(Stop end) {
            complete(end.kind(), null, ScriptError.of(end.reason()), logTruncated);
        }

        void complete(
                ScriptOutcome.Kind kind, @Nullable String resultJson, @Nullable ScriptError error, boolean truncated) {
            long now = System.nanoTime();
            future.complete(new ScriptOutcome(
                    kind, resultJson, error, worker() == null ? now : startedNanoTime(), now, truncated));
            releaseHeld();
        }
    }

    /** Sources to be parsed. */
    static final class Check extends PoolTask {

        private final CompletableFuture<List<List<ScriptProblem>>> future;
        private final List<String> sources;
        private final boolean apart;

        Check(long id, Duration wallTime, List<String> sources) {
            this(id, wallTime, sources, false, new CompletableFuture<>());
        }

        private Check(
                long id,
                Duration wallTime,
                List<String> sources,
                boolean apart,
                CompletableFuture<List<List<ScriptProblem>>> future) {
            super(id, wallTime);
            this.sources = sources;
            this.apart = apart;
            this.future = future;
        }

        /** The same once more, in a worker of its own; whoever waits for this one gets its answer. */
        Check apart(long otherId) {
            return new Check(otherId, wallTime(), sources, true, future);
        }

        boolean isApart() {
            return apart;
        }

        CompletableFuture<List<List<ScriptProblem>>> completion() {
            return future.copy();
        }

        @Override
        ToWorker message(KnownSources unused) {
            return new ToWorker.Check(id(), sources);
        }

        void complete(Ending ending, List<List<ScriptProblem>> problems) {
            Stop asked = stop();
            switch (ending) {
                case SUCCEEDED -> future.complete(problems);
                case OUT_OF_MEMORY, LIMIT_EXCEEDED -> refuse("The script takes too much memory to parse");
                case FAILED -> refuse("The script could not be parsed: the engine failed");
                case STOPPED -> reject(asked == null ? "The worker process stopped" : asked.reason());
            }
        }

        /** A busy node parses slowly: what takes too long may be a sound script. */
        @Override
        void completeWithout(Stop end) {
            reject(end.reason());
        }

        private void refuse(String why) {
            List<ScriptProblem> problem = List.of(new ScriptProblem(1, 1, why));
            future.complete(sources.stream().map(unused -> problem).toList());
        }

        private void reject(String why) {
            future.completeExceptionally(new RejectedRunException(why));
        }
    }
}

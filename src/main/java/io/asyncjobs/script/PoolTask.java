package io.asyncjobs.script;

import io.asyncjobs.platform.memory.ByteBudget;
import io.asyncjobs.script.worker.Frame;
import io.asyncjobs.script.worker.FrameType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What the pool has promised to answer. All fields that change are guarded by the pool's lock. */
abstract class PoolTask {

    final long id;
    final Duration wallTime;
    final List<Alarms.Alarm> alarms = new ArrayList<>(2);

    @Nullable
    WorkerProcess worker;

    long startedNanoTime;
    boolean done;
    /** Why its end was asked for, if it was. */
    ScriptOutcome.@Nullable Kind stopKind;

    @Nullable
    String stopReason;

    /** Whether its worker has heard that it is to stop. */
    boolean stopHeard;

    PoolTask(long id, Duration wallTime) {
        this.id = id;
        this.wallTime = wallTime;
    }

    abstract Frame frame(WorkerProcess worker);

    /** The answer when no worker gave one. Called outside the lock. */
    abstract void completeWithout(ScriptOutcome.Kind kind, String reason);

    /** A run in flight or waiting for a worker. */
    static final class Run extends PoolTask implements ScriptRun {

        final ScriptRequest request;
        final HostFunctions host;
        final CompletableFuture<ScriptOutcome> future = new CompletableFuture<>();
        private final ScriptPool pool;
        // Touched by the worker's reading thread alone
        long logBytes;
        boolean logTruncated;
        /** What was granted to calls that have not come yet. */
        private final Map<Integer, ByteBudget.Hold> granted = new ConcurrentHashMap<>();

        /** What large answers hold until the script has them. */
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
            return startedNanoTime + wallTime.toNanos();
        }

        /** Keeps the room that is made for a call until {@link #takeGranted}. */
        void grant(int call, ByteBudget.Hold room) {
            granted.put(call, room);
            if (future.isDone()) {
                releaseHeld();
            }
        }

        /** Keeps what a large answer holds until {@link #taken}. */
        void deliver(int call, ByteBudget.Hold answer) {
            delivered.put(call, answer);
            if (future.isDone()) {
                releaseHeld();
            }
        }

        void taken(int call) {
            ByteBudget.Hold answer = delivered.remove(call);
            if (answer != null) {
                answer.close();
            }
        }

        ByteBudget.@Nullable Hold takeGranted(int call) {
            return granted.remove(call);
        }

        private void releaseHeld() {
            granted.values().forEach(ByteBudget.Hold::close);
            delivered.values().forEach(ByteBudget.Hold::close);
        }

        /** Carries out {@code call} on some thread, after all that came before it. */
        void inOrder(Executor threads, Runnable call) {
            calls.add(call);
            if (waitingCalls.getAndIncrement() == 0) {
                threads.execute(() -> {
                    do {
                        Objects.requireNonNull(calls.poll()).run();
                    } while (waitingCalls.decrementAndGet() > 0);
                });
            }
        }

        @Override
        public CompletableFuture<ScriptOutcome> completion() {
            return future.copy();
        }

        @Override
        public void cancel(String reason) {
            pool.stop(this, ScriptOutcome.Kind.CANCELLED, reason);
        }

        @Override
        Frame frame(WorkerProcess worker) {
            ScriptLimits limits = request.limits();
            return worker.runFrame(id, request.source(), request.strict())
                    .put(request.parametersJson())
                    .put(request.contextJson())
                    .put(limits.logBytes())
                    .put(limits.resultBytes())
                    .put(limits.hostCalls())
                    .put(limits.waitingBytes())
                    .put(limits.callBytes())
                    .build();
        }

        @Override
        void completeWithout(ScriptOutcome.Kind kind, String reason) {
            complete(kind, null, ScriptError.of(reason), logTruncated);
        }

        void complete(
                ScriptOutcome.Kind kind, @Nullable String resultJson, @Nullable ScriptError error, boolean truncated) {
            long now = System.nanoTime();
            future.complete(
                    new ScriptOutcome(kind, resultJson, error, worker == null ? now : startedNanoTime, now, truncated));
            releaseHeld();
        }
    }

    /** A source to be parsed. */
    static final class Check extends PoolTask {

        final CompletableFuture<List<ScriptProblem>> future = new CompletableFuture<>();
        private final String source;

        Check(long id, Duration wallTime, String source) {
            super(id, wallTime);
            this.source = source;
        }

        @Override
        Frame frame(WorkerProcess worker) {
            return Frame.of(FrameType.CHECK, id).put(source).build();
        }

        @Override
        void completeWithout(ScriptOutcome.Kind kind, String reason) {
            if (kind == ScriptOutcome.Kind.TIMED_OUT) {
                future.complete(List.of(new ScriptProblem(1, 1, "The script takes too long to parse")));
            } else {
                future.completeExceptionally(new RejectedRunException("The script could not be checked: " + reason));
            }
        }
    }
}

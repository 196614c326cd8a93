package io.asyncjobs.script;

import io.asyncjobs.platform.memory.ByteBudget;
import io.asyncjobs.script.worker.Ending;
import io.asyncjobs.script.worker.Frame;
import io.asyncjobs.script.worker.FrameType;
import io.asyncjobs.script.worker.MalformedFrameException;
import io.asyncjobs.script.worker.RunTask;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.SequencedSet;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Runs scripts in worker processes. Deadlines are kept here, by this process's monotonic clock: at its deadline a run is
 * asked to stop; when its worker does not confirm that within the grace, the run is reported all the same and the worker
 * is condemned. Such a worker still takes runs while no other one is ready, if it answers: nobody is to wait for its
 * replacement. Runs that find no worker wait for one, within the capacity.
 *
 * <p>Thread-safe. Nothing here blocks but {@link #stop()}.
 */
@Singleton
public class ScriptPool {

    private static final Logger LOG = Logger.getLogger(ScriptPool.class);
    /** A script of a mebibyte takes a second or two where nothing else does; a busy node must not refuse it. */
    private static final Duration CHECK_TIME = Duration.ofSeconds(30);

    private static final int MAX_CHECKS = 64;
    private static final int MOST_DOUBLINGS = 4;
    private static final long MAX_BACKOFF_MILLIS = 15_000;
    /** Condemned workers that may linger for their neighbours' sake; they burn processor time. */
    private static final int MAX_CONDEMNED = 2;
    /** What a worker exits with when it ran out of memory outside of a run. */
    private static final int OUT_OF_MEMORY_STATUS = 3;

    private static final int MAX_RISKY = 1_000;
    private static final int CORES_PER_WORKER = 2;
    /** Whoever looks for a free place and then starts a run may find it taken: as many may wait as there are places. */
    private static final int RUNS_PER_PLACE = 2;

    /** What a byte of a call's arguments costs while it is read: its frame, its text, and what is parsed of that. */
    private static final int READ_WEIGHT = 6;
    /** What it costs from then on until the call is answered. */
    private static final int KEPT_WEIGHT = 2;
    /** What a character of an answer costs while it becomes a frame. */
    private static final int REPLY_WEIGHT = 3;

    private static final int FIRST_SIGNAL_STATUS = 128;
    /** Statuses of a process that ended by SIGABRT, SIGBUS, SIGFPE or SIGSEGV. */
    private static final Set<Integer> CRASHES = Set.of(134, 135, 136, 139);

    private static final List<LogLevel> LEVELS = List.of(LogLevel.values());

    private final ScriptConfig config;
    private final int workerCount;
    private final WorkerProcess.Listener listener = new Ears();
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock
    private final List<WorkerProcess> workers = new ArrayList<>();
    private final Deque<PoolTask> queue = new ArrayDeque<>();
    /** Digests of scripts whose last run harmed its worker, or may have: the next one has a worker of its own. */
    private final SequencedSet<String> risky = new LinkedHashSet<>();

    /** Those that were in a worker that heard nothing any more: the next one has its own where there is one to be had. */
    private final SequencedSet<String> suspects = new LinkedHashSet<>();

    private WorkerCommand command;
    private boolean running;
    private boolean interpretedOnly;
    private boolean saidInterpreted;
    private boolean everCompiled;
    private int starting;
    private int failedStarts;
    /** When a worker last was ready no more, as {@link System#nanoTime}; empty until one has been. */
    private OptionalLong lastLost = OptionalLong.empty();

    private int runsInFlight;
    private int checksInFlight;
    private long lastId;
    private @Nullable Alarms alarms;
    private @Nullable ExecutorService threads;

    @Inject
    public ScriptPool(ScriptConfig config) {
        workerCount =
                config.workers().orElse(Math.max(1, Runtime.getRuntime().availableProcessors() / CORES_PER_WORKER));
        if (workerCount < 1 || config.slotsPerWorker() < 1 || config.spareWorkers() < 0) {
            throw new IllegalArgumentException(
                    "asyncjobs.script.workers and .slots-per-worker must be 1 or more," + " .spare-workers 0 or more");
        }
        this.config = config;
        this.command = WorkerCommand.of(config);
        this.interpretedOnly = !config.compile();
        this.saidInterpreted = !config.compile();
    }

    void onStart(@Observes StartupEvent event) {
        start();
    }

    void onStop(@Observes ShutdownEvent event) {
        stop();
    }

    /** Starts the workers, without waiting for them. May be called twice. */
    public void start() {
        lock.lock();
        try {
            if (running) {
                return;
            }
            running = true;
            failedStarts = 0;
            alarms = new Alarms("script-deadlines");
            threads = Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("script-host-", 0).factory());
            startMissingWorkers();
        } finally {
            lock.unlock();
        }
    }

    /** Cancels what is in flight and ends the workers. May be called twice. */
    public void stop() {
        List<PoolTask> open = new ArrayList<>();
        List<WorkerProcess> ending;
        Alarms oldAlarms;
        ExecutorService oldThreads;
        lock.lock();
        try {
            if (!running) {
                return;
            }
            running = false;
            oldAlarms = alarms;
            oldThreads = threads;
            ending = List.copyOf(workers);
            for (WorkerProcess worker : workers) {
                open.addAll(worker.tasks.values());
                worker.state = WorkerView.State.CONDEMNED;
                worker.kill();
            }
            open.addAll(queue);
            queue.clear();
            open.removeIf(task -> !finish(task));
        } finally {
            lock.unlock();
        }
        if (oldAlarms != null) {
            oldAlarms.close();
        }
        for (PoolTask task : open) {
            answer(oldThreads, () -> task.completeWithout(ScriptOutcome.Kind.CANCELLED, "the service is stopping"));
        }
        if (oldThreads != null) {
            oldThreads.shutdown();
        }
        ending.forEach(WorkerProcess::awaitGone);
    }

    /** Runs that may go on at once. */
    public int capacity() {
        return workerCount * config.slotsPerWorker();
    }

    /** Runs in flight, waiting ones included. */
    public int inFlight() {
        lock.lock();
        try {
            return runsInFlight;
        } finally {
            lock.unlock();
        }
    }

    /** Runs that a worker could begin at once; none while no worker is ready. */
    public int freePlaces() {
        lock.lock();
        try {
            int places = 0;
            for (WorkerProcess worker : open()) {
                places += config.slotsPerWorker() - worker.runs;
            }
            return Math.min(places, capacity() - runsInFlight);
        } finally {
            lock.unlock();
        }
    }

    /** Whether no worker has been able to take a run for longer than {@code grace}, or none has been ready yet. */
    public boolean isOutOfWorkers(Duration grace) {
        lock.lock();
        try {
            return workers.stream().noneMatch(worker -> worker.state == WorkerView.State.READY || worker.isStandIn())
                    && (lastLost.isEmpty() || System.nanoTime() - lastLost.getAsLong() > grace.toNanos());
        } finally {
            lock.unlock();
        }
    }

    public List<WorkerView> workers() {
        lock.lock();
        try {
            return workers.stream()
                    .map(worker -> new WorkerView(
                            worker.pid(), worker.mode, worker.state, worker.tasks.size(), worker.startedAt))
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Starts a run, or queues it until a worker has a place for it.
     *
     * @throws RejectedRunException when as many wait as run, or when the pool is stopped
     */
    public ScriptRun start(ScriptRequest request, HostFunctions host) {
        lock.lock();
        try {
            if (!running) {
                throw new RejectedRunException("The script pool is stopped");
            }
            if (runsInFlight >= RUNS_PER_PLACE * capacity()) {
                throw new RejectedRunException(
                        "All " + capacity() + " places for runs are taken, and as many runs wait for one");
            }
            PoolTask.Run run = new PoolTask.Run(++lastId, request, host, this);
            runsInFlight++;
            submit(run);
            return run;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Parses {@code source} as a data script. Completes with what is wrong, nothing when it is a script; exceptionally
     * with a {@link RejectedRunException} when no worker could tell.
     *
     * @throws RejectedRunException when too many checks are under way, or when the pool is stopped
     */
    public CompletionStage<List<ScriptProblem>> check(String source) {
        if (source.length() > ScriptRequest.MAX_CHARS) {
            throw new IllegalArgumentException("script larger than " + ScriptRequest.MAX_CHARS + " characters");
        }
        lock.lock();
        try {
            if (!running) {
                throw new RejectedRunException("The script pool is stopped");
            }
            if (checksInFlight >= MAX_CHECKS) {
                throw new RejectedRunException("Too many scripts are being checked");
            }
            PoolTask.Check check = new PoolTask.Check(++lastId, CHECK_TIME, source);
            checksInFlight++;
            submit(check);
            return check.future.copy();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends every run, as {@code LOST}, by killing its worker; new ones are started. A worker that runs nothing stays: it
     * costs a second of a processor to start one, which the node has not got when it comes back from an outage.
     */
    public void killAll() {
        List<PoolTask> open = new ArrayList<>();
        ExecutorService answering;
        lock.lock();
        try {
            for (WorkerProcess worker : List.copyOf(workers)) {
                if (worker.tasks.isEmpty()) {
                    continue;
                }
                open.addAll(worker.tasks.values());
                condemn(worker, "the node killed its scripts", false);
                worker.kill();
            }
            open.addAll(queue);
            queue.clear();
            open.removeIf(task -> !finish(task));
            answering = threads;
        } finally {
            lock.unlock();
        }
        for (PoolTask task : open) {
            answer(answering, () -> task.completeWithout(ScriptOutcome.Kind.LOST, "The node killed its scripts"));
        }
    }

    // ---- Tasks; the lock is held ----

    /** Where a task may go, and whether it is to stay alone there. */
    private record Place(WorkerProcess worker, boolean alone) {}

    private void submit(PoolTask task) {
        Place place = placeFor(task);
        if (place != null) {
            assign(task, place);
        } else {
            queue.add(task);
            alarm(task, config.startTimeout(), () -> giveUpWaiting(task));
        }
    }

    /**
     * The least busy worker with a place; a spare, which is the newest, only when the others have none. A risky run gets
     * the newest one that is empty, has it to itself, and waits while that would leave none for the others.
     */
    private @Nullable Place placeFor(PoolTask task) {
        if (isAmong(risky, task)) {
            return placeApart();
        }
        Place apart = isAmong(suspects, task) ? placeApart() : null;
        return apart != null ? apart : placeAmongOthers(task);
    }

    private @Nullable Place placeApart() {
        List<WorkerProcess> ready = workers.stream().filter(ScriptPool::isOpen).toList();
        return ready.size() < 2
                ? null
                : ready.reversed().stream()
                        .filter(worker -> worker.tasks.isEmpty())
                        .findFirst()
                        .map(worker -> new Place(worker, true))
                        .orElse(null);
    }

    private @Nullable Place placeAmongOthers(PoolTask task) {
        WorkerProcess best = null;
        int seen = 0;
        for (WorkerProcess worker : open()) {
            boolean spare = ++seen > workerCount;
            boolean hasPlace = task instanceof PoolTask.Check || worker.runs < config.slotsPerWorker();
            if (hasPlace && (best == null || !spare && worker.runs < best.runs)) {
                best = worker;
            }
        }
        return best == null ? null : new Place(best, false);
    }

    private static boolean isOpen(WorkerProcess worker) {
        return worker.state == WorkerView.State.READY && !worker.reserved;
    }

    /** The workers that take runs: those that are ready, or while there are none, the latest that still works. */
    private List<WorkerProcess> open() {
        List<WorkerProcess> open = new ArrayList<>(workers.size());
        for (WorkerProcess worker : workers) {
            if (isOpen(worker)) {
                open.add(worker);
            }
        }
        for (int i = workers.size() - 1; i >= 0 && open.isEmpty(); i--) {
            if (workers.get(i).isStandIn()) {
                open.add(workers.get(i));
            }
        }
        return open;
    }

    /** Ends the condemned workers that nobody needs any more. */
    private void killTheEmpty() {
        boolean replaced = workers.stream().anyMatch(ScriptPool::isOpen);
        for (WorkerProcess worker : workers) {
            if (worker.state == WorkerView.State.CONDEMNED
                    && worker.tasks.isEmpty()
                    && (replaced || !worker.isStandIn())) {
                worker.kill();
            }
        }
    }

    /** Where there is but one worker, nothing can be kept apart. */
    private boolean isAmong(Set<String> digests, PoolTask task) {
        return workerCount + config.spareWorkers() > 1
                && task instanceof PoolTask.Run run
                && digests.contains(run.digest());
    }

    private static void distrust(SequencedSet<String> digests, PoolTask task) {
        if (task instanceof PoolTask.Run run && digests.add(run.digest()) && digests.size() > MAX_RISKY) {
            digests.removeFirst();
        }
    }

    private void trust(String digest) {
        risky.remove(digest);
        suspects.remove(digest);
    }

    private void assign(PoolTask task, Place place) {
        WorkerProcess worker = place.worker;
        worker.reserved = place.alone;
        silence(task);
        task.worker = worker;
        task.startedNanoTime = System.nanoTime();
        worker.tasks.put(task.id, task);
        if (task instanceof PoolTask.Run) {
            worker.runs++;
        }
        worker.send(task.frame(worker));
        alarm(
                task,
                task.wallTime,
                () -> stop(
                        task,
                        ScriptOutcome.Kind.TIMED_OUT,
                        "Limit of " + seconds(task.wallTime) + " s wall time passed"));
    }

    private void dispatch() {
        int count = queue.size();
        for (int i = 0; i < count; i++) {
            PoolTask task = queue.removeFirst();
            Place place = placeFor(task);
            if (place == null) {
                queue.addLast(task);
            } else {
                assign(task, place);
            }
        }
    }

    /** Takes a task off the books; {@code false} when it already was. */
    private boolean finish(PoolTask task) {
        if (task.done) {
            return false;
        }
        task.done = true;
        silence(task);
        if (task instanceof PoolTask.Run) {
            runsInFlight--;
        } else {
            checksInFlight--;
        }
        WorkerProcess worker = task.worker;
        if (worker == null) {
            queue.remove(task);
            return true;
        }
        worker.tasks.remove(task.id);
        boolean opens = worker.reserved;
        if (task instanceof PoolTask.Run) {
            worker.runs--;
            worker.reserved = false;
        }
        if (opens || worker.state == WorkerView.State.CONDEMNED) {
            killTheEmpty();
        }
        if (!queue.isEmpty()) {
            dispatch();
        }
        return true;
    }

    private void alarm(PoolTask task, Duration after, Runnable action) {
        if (alarms != null) {
            task.alarms.add(alarms.after(after, action));
        }
    }

    private static void silence(PoolTask task) {
        task.alarms.forEach(Alarms.Alarm::silence);
        task.alarms.clear();
    }

    private void condemn(WorkerProcess worker, String reason, boolean stillWorks) {
        if (worker.state == WorkerView.State.CONDEMNED) {
            worker.standIn &= stillWorks;
            return;
        }
        LOG.infof("Worker %d is condemned: %s", worker.pid(), reason);
        noteLoss(worker);
        worker.state = WorkerView.State.CONDEMNED;
        worker.standIn = stillWorks;
        List<WorkerProcess> condemned = workers.stream()
                .filter(other -> other.state == WorkerView.State.CONDEMNED && other.alive())
                .toList();
        if (condemned.size() > MAX_CONDEMNED) {
            WorkerProcess oldest = condemned.stream()
                    .filter(other -> !other.isStandIn())
                    .findFirst()
                    .orElse(condemned.getFirst());
            oldest.killedBecause = "its worker process held a run that could not be stopped";
            oldest.kill();
        }
        startMissingWorkers();
    }

    private void noteLoss(WorkerProcess worker) {
        if (worker.state == WorkerView.State.READY) {
            lastLost = OptionalLong.of(System.nanoTime());
        }
    }

    // ---- Ends that are asked for ----

    void stop(PoolTask task, ScriptOutcome.Kind kind, String reason) {
        conclude(task, kind, reason, () -> {
            WorkerProcess worker = task.worker;
            if (worker == null) {
                return true;
            }
            if (task.stopKind == null) {
                task.stopKind = kind;
                task.stopReason = reason;
                worker.send(Frame.of(FrameType.CANCEL, task.id).build());
                alarm(
                        task,
                        config.stopGrace(),
                        () -> conclude(
                                task,
                                kind,
                                reason + "; it could not be stopped and its worker process is given up",
                                () -> {
                                    distrust(task.stopHeard ? risky : suspects, task);
                                    // One that heard the wish still works but for this run; one that did not may be
                                    // lost altogether
                                    condemn(worker, "a run could not be stopped", task.stopHeard);
                                    return true;
                                }));
            }
            return false;
        });
    }

    private void giveUpWaiting(PoolTask task) {
        conclude(
                task,
                ScriptOutcome.Kind.LOST,
                "No worker process had a place for it within " + seconds(config.startTimeout()) + " s",
                () -> task.worker == null);
    }

    /** Ends a task without its worker's word, if {@code agreed}, asked under the lock, says so. */
    private void conclude(PoolTask task, ScriptOutcome.Kind kind, String reason, BooleanSupplier agreed) {
        ExecutorService answering;
        lock.lock();
        try {
            if (task.done || !agreed.getAsBoolean() || !finish(task)) {
                return;
            }
            answering = threads;
        } finally {
            lock.unlock();
        }
        answer(answering, () -> task.completeWithout(kind, reason));
    }

    /** Completes a future away from the threads that others wait for. */
    private static void answer(@Nullable ExecutorService threads, Runnable completion) {
        if (threads == null || threads.isShutdown()) {
            completion.run();
        } else {
            threads.execute(completion);
        }
    }

    private static String seconds(Duration duration) {
        return duration.toMillis() % 1000 == 0
                ? Long.toString(duration.toSeconds())
                : Double.toString(duration.toMillis() / 1000.0);
    }

    // ---- Workers; the lock is held ----

    private void startMissingWorkers() {
        if (!running || threads == null) {
            return;
        }
        long sound = workers.stream()
                .filter(worker -> worker.state != WorkerView.State.CONDEMNED)
                .count();
        // Spares wait until the others are there: at start they would only compete with them for the processors
        boolean complete = workers.stream()
                        .filter(worker -> worker.state == WorkerView.State.READY)
                        .count()
                >= workerCount;
        int wanted = workerCount + (complete ? config.spareWorkers() : 0);
        for (long missing = wanted - sound - starting; missing > 0; missing--) {
            starting++;
            threads.execute(this::startWorker);
        }
    }

    private void startWorker() {
        boolean compile;
        WorkerCommand line;
        lock.lock();
        try {
            compile = !interpretedOnly;
            line = command;
        } finally {
            lock.unlock();
        }
        WorkerProcess worker = null;
        try {
            worker = WorkerProcess.start(line, compile, listener);
        } catch (IOException | RuntimeException e) {
            LOG.errorf("A worker process cannot be started: %s", e.getMessage());
        }
        lock.lock();
        try {
            starting--;
            if (worker == null) {
                retryLater();
                return;
            }
            workers.add(worker);
            worker.open();
            if (!running) {
                worker.kill();
            } else if (alarms != null) {
                WorkerProcess started = worker;
                alarms.after(startPatience(), () -> killIfNotReady(started));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Longer after each start that failed: on a busy machine a worker that is begun anew each time never comes up. */
    private Duration startPatience() {
        return config.startTimeout().multipliedBy(1L << Math.min(failedStarts, MOST_DOUBLINGS));
    }

    private void killIfNotReady(WorkerProcess worker) {
        lock.lock();
        try {
            if (worker.state == WorkerView.State.STARTING) {
                LOG.warnf("Worker %d was not ready in time", worker.pid());
                worker.kill();
            }
        } finally {
            lock.unlock();
        }
    }

    private void retryLater() {
        if (!running || alarms == null) {
            return;
        }
        long delay = Math.min(MAX_BACKOFF_MILLIS, 250L << Math.min(failedStarts, 6));
        failedStarts++;
        alarms.after(Duration.ofMillis(delay), () -> {
            lock.lock();
            try {
                startMissingWorkers();
            } finally {
                lock.unlock();
            }
        });
    }

    private void ready(WorkerProcess worker, boolean compiled, String version) {
        lock.lock();
        try {
            if (worker.state != WorkerView.State.STARTING) {
                return;
            }
            worker.state = WorkerView.State.READY;
            worker.mode = compiled ? WorkerView.Mode.COMPILED : WorkerView.Mode.INTERPRETED;
            failedStarts = 0;
            everCompiled |= compiled;
            LOG.infof(
                    "Worker %d is ready after %d ms: scripts run %s, engine %s",
                    worker.pid(),
                    (System.nanoTime() - worker.startedNanoTime) / 1_000_000,
                    compiled ? "compiled" : "interpreted",
                    version);
            startMissingWorkers();
            dispatch();
            killTheEmpty();
        } finally {
            lock.unlock();
        }
    }

    private void sick(WorkerProcess worker, String reason) {
        lock.lock();
        try {
            condemn(worker, reason, false);
            killTheEmpty();
        } finally {
            lock.unlock();
        }
    }

    private void exited(WorkerProcess worker, int status) {
        List<PoolTask> lost;
        ExecutorService answering;
        lock.lock();
        try {
            workers.remove(worker);
            boolean neverReady = worker.state == WorkerView.State.STARTING;
            boolean expected = worker.state == WorkerView.State.CONDEMNED || !running;
            noteLoss(worker);
            worker.state = WorkerView.State.CONDEMNED;
            if (!expected) {
                LOG.warnf("Worker %d ended by itself: %s", worker.pid(), cause(status));
            }
            lost = new ArrayList<>(worker.tasks.values());
            if (status == OUT_OF_MEMORY_STATUS) {
                lost.forEach(task -> distrust(risky, task));
            }
            lost.removeIf(task -> !finish(task));
            answering = threads;
            if (neverReady && running && command.cached() && CRASHES.contains(status)) {
                LOG.errorf(
                        "The JVM of worker %d crashed as it started (%s): workers load their classes anew from now on, and"
                                + " start slower. Building again makes another cache of classes",
                        worker.pid(), cause(status));
                command = command.uncached();
                startMissingWorkers();
            } else if (neverReady && running) {
                if (worker.mode == WorkerView.Mode.COMPILED && !everCompiled && !interpretedOnly) {
                    interpretedOnly = true;
                    if (!saidInterpreted) {
                        saidInterpreted = true;
                        LOG.warnf(
                                "This Java runtime cannot compile scripts; they run interpreted, which is slower. It said: %s",
                                worker.lastWords());
                    }
                    startMissingWorkers();
                } else {
                    retryLater();
                }
            } else {
                startMissingWorkers();
            }
        } finally {
            lock.unlock();
        }
        String why = worker.killedBecause;
        String message =
                why == null ? "The worker process died under the run: " + cause(status) : "The run was lost: " + why;
        for (PoolTask task : lost) {
            ScriptOutcome.Kind asked = task.stopKind;
            answer(
                    answering,
                    () -> task.completeWithout(
                            asked == null ? ScriptOutcome.Kind.LOST : asked,
                            asked == null ? message : String.valueOf(task.stopReason)));
        }
    }

    private static String cause(int status) {
        if (status == OUT_OF_MEMORY_STATUS) {
            return "out of memory (exit code 3)";
        }
        return status > FIRST_SIGNAL_STATUS
                ? "killed by signal " + (status - FIRST_SIGNAL_STATUS)
                : "exit code " + status;
    }

    // ---- What workers say, on each one's reading thread ----

    private final class Ears implements WorkerProcess.Listener {

        @Override
        public void frame(WorkerProcess worker, Frame frame) throws IOException {
            if (frame.type() == FrameType.READY) {
                worker.deleteDirectory();
                ready(worker, frame.takeBoolean(), frame.takeText());
                return;
            }
            if (frame.type() == FrameType.SICK) {
                sick(worker, frame.takeText());
                return;
            }
            if (frame.type() == FrameType.STOPPING) {
                stopHeard(worker, frame.task());
                return;
            }
            PoolTask task = taskOf(worker, frame.task());
            if (task == null) {
                // Its outcome is already told; what it still says is ignored
                return;
            }
            if (task instanceof PoolTask.Run run) {
                switch (frame.type()) {
                    case LOG -> log(run, frame);
                    case ASK -> ask(worker, run, frame);
                    case TAKEN -> run.taken(frame.takeInt());
                    case CALL -> call(worker, run, frame);
                    case ENDED -> ended(run, frame);
                    default -> throw new MalformedFrameException("unexpected " + frame.type());
                }
            } else if (task instanceof PoolTask.Check check && frame.type() == FrameType.CHECKED) {
                checked(check, frame);
            } else {
                throw new MalformedFrameException("unexpected " + frame.type());
            }
        }

        @Override
        public void exited(WorkerProcess worker, int status) {
            ScriptPool.this.exited(worker, status);
        }
    }

    private @Nullable PoolTask taskOf(WorkerProcess worker, long id) {
        lock.lock();
        try {
            return worker.tasks.get(id);
        } finally {
            lock.unlock();
        }
    }

    private void stopHeard(WorkerProcess worker, long id) {
        lock.lock();
        try {
            PoolTask task = worker.tasks.get(id);
            if (task != null) {
                task.stopHeard = true;
            }
        } finally {
            lock.unlock();
        }
    }

    private static void log(PoolTask.Run run, Frame frame) throws IOException {
        LogLevel level = LEVELS.get(Math.floorMod(frame.takeByte(), LEVELS.size()));
        String text = frame.takeText();
        String data = frame.takeNullableText();
        long offset = frame.takeLong();
        boolean notice = frame.takeBoolean();
        // The worker keeps the limit; this only holds should it fail to
        run.logBytes +=
                notice ? 0 : Math.max(RunTask.LEAST_LOG_BYTES, text.length() + (data == null ? 0 : data.length()));
        run.logTruncated |= notice;
        if (run.logBytes > run.request.limits().logBytes()) {
            run.logTruncated = true;
            return;
        }
        try {
            run.host.log(new LogLine(level, text, data, run.startedNanoTime + offset));
        } catch (RuntimeException e) {
            LOG.error("A log line could not be taken", e);
        }
    }

    /** The threads for what takes long; null when the pool is stopped. */
    private @Nullable ExecutorService carrying() {
        lock.lock();
        try {
            return running ? threads : null;
        } finally {
            lock.unlock();
        }
    }

    /** A large call waits in the worker until there is room for it here: nothing of it is read before. */
    private void ask(WorkerProcess worker, PoolTask.Run run, Frame frame) throws IOException {
        int call = frame.takeInt();
        long bytes = Math.clamp(frame.takeLong(), 0, Frame.MAX_BYTES) * READ_WEIGHT;
        ByteBudget.Hold room = run.host.memory().hold();
        run.grant(call, room);
        Frame grant = Frame.of(FrameType.GRANT, run.id).put(call).build();
        if (room.tryTake(bytes)) {
            worker.send(grant);
            return;
        }
        ExecutorService waiting = carrying();
        if (waiting != null) {
            waiting.execute(() -> {
                try {
                    if (room.take(bytes, run.deadlineNanoTime())) {
                        worker.send(grant);
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }
    }

    private void call(WorkerProcess worker, PoolTask.Run run, Frame frame) throws IOException {
        int call = frame.takeInt();
        String function = frame.takeText();
        String arguments = frame.takeText();
        ByteBudget.Hold granted = run.takeGranted(call);
        ByteBudget.Hold memory = granted != null ? granted : run.host.memory().hold();
        ExecutorService carrying = carrying();
        if (carrying == null) {
            memory.close();
            return;
        }
        if (granted == null) {
            memory.count((long) READ_WEIGHT * frame.size());
        }
        long read = (long) (READ_WEIGHT - KEPT_WEIGHT) * frame.size();
        run.inOrder(carrying, () -> carryOut(worker, run, call, function, arguments, memory, read));
    }

    private void carryOut(
            WorkerProcess worker,
            PoolTask.Run run,
            int call,
            String function,
            String arguments,
            ByteBudget.Hold memory,
            long read) {
        if (run.future.isDone()) {
            memory.close();
            return;
        }
        try {
            CompletionStage<@Nullable String> answered = run.host.call(function, arguments, memory);
            memory.giveBack(read);
            answered.whenComplete((answer, failure) -> {
                if (failure == null) {
                    reply(worker, run, call, true, answer, memory);
                } else {
                    refuse(worker, run, call, function, failure, memory);
                }
            });
        } catch (RuntimeException e) {
            refuse(worker, run, call, function, e, memory);
        }
    }

    private void refuse(
            WorkerProcess worker,
            PoolTask.Run run,
            int call,
            String function,
            Throwable failure,
            ByteBudget.Hold memory) {
        if (cause(failure) instanceof HostLimitException limit) {
            stop(run, ScriptOutcome.Kind.LIMIT_EXCEEDED, String.valueOf(limit.getMessage()));
        }
        reply(worker, run, call, false, message(function, failure), memory);
    }

    private void reply(
            WorkerProcess worker,
            PoolTask.Run run,
            int call,
            boolean succeeded,
            @Nullable String text,
            ByteBudget.Hold memory) {
        if (run.future.isDone()) {
            memory.close();
            return;
        }
        try {
            // Taken while the answer is held, so that many answers that the worker has not read wait for each other
            if (text != null && !memory.take((long) REPLY_WEIGHT * text.length(), run.deadlineNanoTime())) {
                memory.close();
                return;
            }
        } catch (InterruptedException e) {
            // The run ends, or the service does: nobody waits for the answer
            Thread.currentThread().interrupt();
            memory.close();
            return;
        }
        Frame frame;
        if (text != null && utf8Length(text) > Frame.MAX_BYTES / 2) {
            frame = Frame.of(FrameType.REPLY, run.id)
                    .put(call)
                    .put(false)
                    .put("The answer is larger than " + Frame.MAX_BYTES / 2 + " bytes")
                    .build();
        } else {
            frame = Frame.of(FrameType.REPLY, run.id)
                    .put(call)
                    .put(succeeded)
                    .put(text)
                    .build();
        }
        memory.shrinkTo(frame.size());
        // A large one is held until the script has it: the worker reads faster than scripts do, and others share its
        // heap
        boolean acknowledged = frame.size() > Frame.ACKNOWLEDGED_BYTES;
        if (acknowledged) {
            run.deliver(call, memory);
        }
        boolean sent = false;
        lock.lock();
        try {
            if (!run.done) {
                worker.send(frame, acknowledged ? () -> {} : memory::close);
                sent = true;
            }
        } finally {
            lock.unlock();
        }
        if (!sent) {
            memory.close();
        }
    }

    private static long utf8Length(String text) {
        return text.length() <= Frame.MAX_BYTES / 6 ? text.length() : text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private static String message(String function, Throwable failure) {
        Throwable cause = cause(failure);
        if (cause instanceof HostCallException refused && refused.getMessage() != null) {
            return refused.toWorker();
        }
        if (cause instanceof HostLimitException && cause.getMessage() != null) {
            return cause.getMessage();
        }
        UUID id = UUID.randomUUID();
        LOG.errorf(cause, "%s failed for a script, id %s", function, id);
        return function + " failed inside the service (id " + id + ")";
    }

    private void ended(PoolTask.Run run, Frame frame) throws IOException {
        Ending ending = Ending.of(frame.takeByte());
        boolean truncated = frame.takeBoolean();
        String result = frame.takeNullableText();
        ScriptError error = null;
        if (frame.takeBoolean()) {
            String message = frame.takeText();
            int line = frame.takeInt();
            int column = frame.takeInt();
            error = line > 0
                    ? new ScriptError(message, line, column, frame.takeNullableText())
                    : new ScriptError(message, null, null, frame.takeNullableText());
        }
        ScriptOutcome.Kind asked;
        String askedReason;
        lock.lock();
        try {
            if (!finish(run)) {
                return;
            }
            asked = run.stopKind;
            askedReason = String.valueOf(run.stopReason);
            if (ending == Ending.OUT_OF_MEMORY) {
                distrust(risky, run);
            } else {
                trust(run.digest());
            }
        } finally {
            lock.unlock();
        }
        if (asked != null) {
            // Also a run that came to an end of its own meanwhile: it did so past its limit
            run.complete(asked, null, at(error, askedReason), truncated);
            return;
        }
        switch (ending) {
            case SUCCEEDED ->
                run.complete(ScriptOutcome.Kind.SUCCEEDED, result == null ? "null" : result, null, truncated);
            case FAILED -> run.complete(ScriptOutcome.Kind.FAILED, null, reason(error), truncated);
            case LIMIT_EXCEEDED, OUT_OF_MEMORY ->
                run.complete(ScriptOutcome.Kind.LIMIT_EXCEEDED, null, reason(error), truncated);
            case STOPPED -> run.complete(ScriptOutcome.Kind.CANCELLED, null, reason(error), truncated);
        }
    }

    /** The reason of the node, at the place where the worker stopped the script, if it knows that. */
    private static ScriptError at(@Nullable ScriptError place, String reason) {
        return place == null
                ? ScriptError.of(reason)
                : new ScriptError(reason, place.line(), place.column(), place.stack());
    }

    private static ScriptError reason(@Nullable ScriptError error) {
        return error == null ? ScriptError.of("The worker process gave no reason") : error;
    }

    private void checked(PoolTask.Check check, Frame frame) throws IOException {
        Collection<ScriptProblem> problems = new ArrayList<>();
        int count = frame.takeInt();
        for (int i = 0; i < count; i++) {
            problems.add(new ScriptProblem(frame.takeInt(), frame.takeInt(), frame.takeText()));
        }
        ExecutorService answering;
        lock.lock();
        try {
            if (!finish(check)) {
                return;
            }
            answering = threads;
        } finally {
            lock.unlock();
        }
        answer(answering, () -> check.future.complete(List.copyOf(problems)));
    }
}

package io.asyncjobs.script;

import io.asyncjobs.script.worker.FromWorker;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The workers of a pool: starts them, condemns and replaces those that are harmed, and ends those that nobody needs. All
 * methods are called with the pool's lock held.
 */
final class WorkerFleet {

    private static final Logger LOG = Logger.getLogger(WorkerFleet.class);

    private static final Duration INTERPRETER_WARM_UP = Duration.ofSeconds(10);
    private static final int MOST_DOUBLINGS = 4;
    private static final long FIRST_BACKOFF_MILLIS = 250;
    private static final long MAX_BACKOFF_MILLIS = 15_000;
    /** Condemned workers that may live on for their other runs; they use processor time. */
    private static final int MAX_CONDEMNED = 2;

    private final ScriptConfig config;
    private final int workerCount;
    private final ReentrantLock lock;
    private final Function<PooledWorker, WorkerProcess.Listener> listeners;
    /** The oldest first. */
    private final List<PooledWorker> workers = new ArrayList<>();

    private final ModeChoice choice;
    private WorkerCommand command;
    private boolean everCompiled;
    private int starting;
    private int failedStarts;
    /** When a worker last stopped being ready, as {@link System#nanoTime}; empty until one has been. */
    private OptionalLong lastLost = OptionalLong.empty();

    /** Null while the pool is stopped. */
    private @Nullable PoolThreads threads;

    /**
     * @param workerCount without spares
     * @param lock the pool's
     * @param listeners makes the listener for a new worker
     */
    WorkerFleet(
            ScriptConfig config,
            int workerCount,
            ReentrantLock lock,
            Function<PooledWorker, WorkerProcess.Listener> listeners) {
        this.config = config;
        this.workerCount = workerCount;
        this.lock = lock;
        this.listeners = listeners;
        this.command = WorkerCommand.of(config);
        this.choice = new ModeChoice(config.compile(), config.compileAbove());
    }

    void start(PoolThreads poolThreads) {
        threads = poolThreads;
        failedStarts = 0;
        startMissing();
        measureLater();
    }

    /** Kills all workers and returns them. */
    List<PooledWorker> stop() {
        threads = null;
        for (PooledWorker worker : workers) {
            worker.condemn(false);
            worker.process().kill();
        }
        return List.copyOf(workers);
    }

    List<PooledWorker> all() {
        return List.copyOf(workers);
    }

    /** The workers that take tasks and work. */
    List<PooledWorker> ready() {
        return workers.stream().filter(PooledWorker::isOpen).toList();
    }

    /** The workers that take tasks: those that are ready or, if there are none, the newest stand-in. */
    List<PooledWorker> open() {
        List<PooledWorker> open = new ArrayList<>(workers.size());
        for (PooledWorker worker : workers) {
            if (worker.isOpen()) {
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

    List<WorkerView> views() {
        return workers.stream().map(worker -> worker.view(warmUp(worker))).toList();
    }

    /** Whether no ready worker is as fast as it will be. */
    boolean isWarming() {
        return ready().stream().allMatch(worker -> worker.isWarming(warmUp(worker)));
    }

    /** How long a worker is slower than it will be: the JVM first compiles the interpreter, or the engine the scripts. */
    private Duration warmUp(PooledWorker worker) {
        return worker.mode() == WorkerView.Mode.COMPILED ? config.compileWarmUp() : INTERPRETER_WARM_UP;
    }

    /** Whether no worker has taken tasks for longer than {@code grace}, or none has been ready yet. */
    boolean isOutOfWorkers(Duration grace) {
        return workers.stream().noneMatch(worker -> worker.isIn(WorkerView.State.READY) || worker.isStandIn())
                && (lastLost.isEmpty() || System.nanoTime() - lastLost.getAsLong() > grace.toNanos());
    }

    /**
     * Whether an open worker does not know its scripts yet, while all that it and others are to replace still work. If one
     * of those is missing, it stands in: scripts that harm their worker need an empty one.
     */
    boolean isLearner(PooledWorker worker) {
        if (worker.mode() != choice.mode()) {
            return false;
        }
        int outdated = 0;
        for (PooledWorker other : workers) {
            if (other.mode() != choice.mode() && other.isIn(WorkerView.State.READY)) {
                outdated++;
            }
        }
        return outdated >= workerCount + config.spareWorkers();
    }

    /** Ends the workers that leave, have no tasks and are not needed as stand-ins. */
    void endUnneeded() {
        boolean replaced = workers.stream().anyMatch(PooledWorker::isOpen);
        for (PooledWorker worker : workers) {
            if (worker.isLeaving() && worker.isEmpty() && (replaced || !worker.isStandIn())) {
                worker.process().kill();
            }
        }
    }

    /** The worker gets no more tasks and is replaced; its runs go on. If too many are condemned, the oldest is killed. */
    void condemn(PooledWorker worker, String reason, boolean stillWorks) {
        if (worker.isIn(WorkerView.State.CONDEMNED)) {
            worker.condemn(stillWorks);
            return;
        }
        LOG.infof("Worker %d is condemned: %s", worker.pid(), reason);
        noteLoss(worker);
        worker.condemn(stillWorks);
        List<PooledWorker> condemned = workers.stream()
                .filter(other -> other.isIn(WorkerView.State.CONDEMNED)
                        && other.process().isAlive())
                .toList();
        if (condemned.size() > MAX_CONDEMNED) {
            condemned.stream()
                    .filter(other -> !other.isStandIn())
                    .findFirst()
                    .orElse(condemned.getFirst())
                    .process()
                    .kill("its worker process held a run that could not be stopped");
        }
        startMissing();
    }

    /** Returns false if the worker was not starting any more. */
    boolean becomeReady(PooledWorker worker, FromWorker.Ready ready) {
        if (!worker.isIn(WorkerView.State.STARTING)) {
            return false;
        }
        WorkerView.Mode asked = worker.mode();
        worker.becomeReady(ready.compiled());
        failedStarts = 0;
        everCompiled |= ready.compiled();
        if (!ready.compiled() && asked == WorkerView.Mode.COMPILED) {
            choice.giveUpCompiling();
        }
        LOG.infof(
                "Worker %d is ready after %d ms: scripts run %s, engine %s",
                worker.pid(), worker.process().age(), ready.compiled() ? "compiled" : "interpreted", ready.version());
        startMissing();
        return true;
    }

    /** Takes a worker whose process has ended off; returns whether it had never been ready. */
    boolean remove(PooledWorker worker, int status) {
        workers.remove(worker);
        boolean neverReady = worker.isIn(WorkerView.State.STARTING);
        if (!worker.isLeaving() && threads != null) {
            LOG.warnf("Worker %d ended by itself: %s", worker.pid(), WorkerExit.cause(status));
        }
        noteLoss(worker);
        worker.condemn(false);
        return neverReady;
    }

    /** Starts workers after one was removed. If it never was ready, they start in another way or later. */
    void replace(PooledWorker removed, boolean neverReady, int status) {
        if (threads == null) {
            return;
        }
        if (neverReady && command.cached() && WorkerExit.isCrash(status)) {
            LOG.errorf(
                    "The JVM of worker %d crashed at its start (%s): workers load their classes anew from now on, and start"
                            + " slower. Building again makes another cache of classes",
                    removed.pid(), WorkerExit.cause(status));
            command = command.uncached();
            startMissing();
        } else if (neverReady
                && !WorkerExit.isOfSignal(status)
                && removed.mode() == WorkerView.Mode.COMPILED
                && !everCompiled
                && choice.mode() == removed.mode()) {
            // It ended by itself: one that was killed because it was slow says nothing about the runtime
            choice.giveUpCompiling();
            LOG.warnf(
                    "This Java runtime cannot compile scripts; they run interpreted, which is slower. It said: %s",
                    removed.process().lastWords());
            startMissing();
        } else if (neverReady) {
            retryLater();
        } else {
            startMissing();
        }
    }

    private void noteLoss(PooledWorker worker) {
        if (worker.isIn(WorkerView.State.READY)) {
            lastLost = OptionalLong.of(System.nanoTime());
        }
    }

    private void startMissing() {
        if (threads == null) {
            return;
        }
        List<PooledWorker> outdated = outdated();
        long sound = workers.stream()
                .filter(worker -> !worker.isLeaving() && !outdated.contains(worker))
                .count();
        // Spares wait until the others are ready: before that they would compete with them for the processors
        boolean complete = outdated.isEmpty() && successors().count() >= workerCount;
        int wanted = workerCount + (complete ? config.spareWorkers() : 0);
        for (long missing = wanted - sound - starting; missing > 0; missing--) {
            starting++;
            threads.executor().execute(this::startWorker);
        }
    }

    /** Called without the lock: to start a process takes long. */
    private void startWorker() {
        WorkerView.Mode mode;
        WorkerCommand line;
        lock.lock();
        try {
            mode = choice.mode();
            line = command;
        } finally {
            lock.unlock();
        }
        WorkerProcess process = null;
        try {
            process = WorkerProcess.start(line, mode == WorkerView.Mode.COMPILED);
        } catch (IOException | RuntimeException | Error e) {
            // An error too is tried again later: otherwise this start would count as under way for ever
            LOG.errorf("A worker process cannot be started: %s", e);
        }
        lock.lock();
        try {
            starting--;
            if (process == null) {
                retryLater();
                return;
            }
            PooledWorker worker = new PooledWorker(process, mode);
            workers.add(worker);
            process.open(listeners.apply(worker));
            // Another if the mode has changed meanwhile
            startMissing();
            if (threads == null) {
                process.kill();
            } else {
                threads.after(startPatience(), () -> killIfNotReady(worker));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Twice as long after each failed start: on a busy machine a worker that is always started anew never gets ready. */
    private Duration startPatience() {
        return config.startTimeout().multipliedBy(1L << Math.min(failedStarts, MOST_DOUBLINGS));
    }

    /** Called without the lock. */
    private void killIfNotReady(PooledWorker worker) {
        lock.lock();
        try {
            if (worker.isIn(WorkerView.State.STARTING)) {
                LOG.warnf("Worker %d was not ready in time", worker.pid());
                worker.process().kill();
            }
        } finally {
            lock.unlock();
        }
    }

    private void retryLater() {
        if (threads == null) {
            return;
        }
        long delay = Math.min(MAX_BACKOFF_MILLIS, FIRST_BACKOFF_MILLIS << Math.min(failedStarts, 6));
        failedStarts++;
        threads.after(Duration.ofMillis(delay), () -> {
            lock.lock();
            try {
                startMissing();
            } finally {
                lock.unlock();
            }
        });
    }

    // ---- Workers of one mode replace those of the other ----

    /** The workers that run scripts in another way than new ones and have not been told to leave. */
    private List<PooledWorker> outdated() {
        return workers.stream()
                .filter(worker -> worker.mode() != choice.mode() && !worker.isLeaving())
                .toList();
    }

    /** The ready workers that run scripts as new ones do. */
    private Stream<PooledWorker> successors() {
        return workers.stream().filter(worker -> worker.isIn(WorkerView.State.READY) && worker.mode() == choice.mode());
    }

    private void measureLater() {
        if (threads != null && (choice.isOpen() || !outdated().isEmpty())) {
            threads.after(ModeChoice.PERIOD, this::measure);
        }
    }

    /** Called without the lock. */
    private void measure() {
        lock.lock();
        try {
            if (threads == null) {
                return;
            }
            double cores = successors().mapToDouble(PooledWorker::takeLoad).sum() / workerCount;
            if (choice.measured(cores)) {
                LOG.infof(
                        "Each worker used %d %% of a core: scripts run %s from now on",
                        Math.round(100 * cores), choice.inWords());
                startMissing();
            }
            retireOutdated();
            measureLater();
        } finally {
            lock.unlock();
        }
    }

    /** Retires the workers of the other mode if enough successors know their work. */
    private void retireOutdated() {
        List<PooledWorker> outdated = outdated();
        // An interpreting worker is soon as fast as it gets
        Duration warmUp = choice.mode() == WorkerView.Mode.COMPILED ? config.compileWarmUp() : Duration.ZERO;
        long able = successors()
                .filter(worker -> worker.readyFor().compareTo(warmUp) >= 0)
                .count();
        if (outdated.isEmpty() || able < workerCount) {
            return;
        }
        for (PooledWorker worker : outdated) {
            LOG.infof("Worker %d retires: scripts run %s now", worker.pid(), choice.inWords());
            worker.retire();
        }
        endUnneeded();
        startMissing();
    }
}

package io.asyncjobs.script;

import io.asyncjobs.script.worker.Ending;
import io.asyncjobs.script.worker.Frame;
import io.asyncjobs.script.worker.FromWorker;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs scripts in worker processes, and ends each run by its deadline.
 *
 * <p>A condemned worker that still answers takes runs as long as no other is ready. Runs that find no free slot wait for one,
 * up to a bound.
 *
 * <p>{@link WorkerFleet} keeps the workers, {@link Placement} chooses one for each task, {@link TaskStops} stops tasks that
 * do not end by themselves, {@link WorkerDialogue} handles what a worker says. All share this pool's lock. Thread-safe; only
 * {@link #stop()} blocks.
 */
@Singleton
public class ScriptPool {

    /** A script of a mebibyte takes a second or two on an idle node; a busy one must not refuse it. */
    private static final Duration CHECK_TIME = Duration.ofSeconds(30);

    private static final int MAX_CHECKS = 64;
    private static final int CORES_PER_WORKER = 2;
    /** A caller may find the free slot that it saw taken: as many runs may wait as there are slots. */
    private static final int RUNS_PER_SLOT = 2;

    private final ScriptConfig config;
    private final int workerCount;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock
    private final WorkerFleet fleet;
    private final Placement placement;
    private final TaskStops stops;
    private final PoolTasks tasks;
    private long lastId;
    /** Null while the pool is stopped. */
    private @Nullable PoolThreads threads;

    @Inject
    public ScriptPool(ScriptConfig config) {
        workerCount =
                config.workers().orElse(Math.max(1, Runtime.getRuntime().availableProcessors() / CORES_PER_WORKER));
        if (workerCount < 1 || config.slotsPerWorker() < 1 || config.spareWorkers() < 0) {
            throw new IllegalArgumentException(
                    "asyncjobs.script.workers and .slots-per-worker must be 1 or more, .spare-workers 0 or more");
        }
        if (!(config.compileAbove() >= 0)) {
            throw new IllegalArgumentException("asyncjobs.script.compile-above must be 0 or more");
        }
        this.config = config;
        this.fleet = new WorkerFleet(config, workerCount, lock, worker -> new WorkerDialogue(this, worker));
        this.placement = new Placement(fleet, workerCount, config.spareWorkers(), config.slotsPerWorker());
        this.stops = new TaskStops(config, lock, fleet, placement, () -> threads);
        this.tasks = stops.tasks();
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
            if (threads == null) {
                threads = new PoolThreads();
                fleet.start(threads);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Cancels all runs and ends the workers. May be called twice. */
    public void stop() {
        List<PoolTask> open;
        List<PooledWorker> ending;
        PoolThreads stopped;
        lock.lock();
        try {
            stopped = threads;
            if (stopped == null) {
                return;
            }
            threads = null;
            ending = fleet.stop();
            open = tasks.endAll(ending);
        } finally {
            lock.unlock();
        }
        stopped.closeAlarms();
        PoolTask.Stop end = new PoolTask.Stop(ScriptOutcome.Kind.CANCELLED, "the service is stopping");
        open.forEach(task -> PoolThreads.answer(stopped, () -> task.completeWithout(end)));
        stopped.shutDown();
        ending.forEach(worker -> worker.process().awaitGone());
    }

    /** Runs that may go on at once. */
    public int capacity() {
        return workerCount * config.slotsPerWorker();
    }

    /** Runs in flight, including those that wait. */
    public int inFlight() {
        return locked(() -> tasks.runs());
    }

    /** Runs that a worker could begin at once; 0 while no worker is ready. */
    public int freeSlots() {
        return locked(() -> Math.min(placement.freeSlots(), capacity() - tasks.runs()));
    }

    /** Whether no worker has been able to take a run for longer than {@code grace}, or none has been ready yet. */
    public boolean isOutOfWorkers(Duration grace) {
        return locked(() -> fleet.isOutOfWorkers(grace));
    }

    public List<WorkerView> workers() {
        return locked(() -> fleet.views());
    }

    /** Whether the workers are slower than they will be: none has been ready for long. */
    public boolean isWarming() {
        return locked(fleet::isWarming);
    }

    /**
     * Starts a run, or queues it until a worker has a free slot.
     *
     * @throws RejectedRunException if as many runs wait as there are slots, or the pool is stopped
     */
    public ScriptRun start(ScriptRequest request, HostFunctions host) {
        lock.lock();
        try {
            if (threads == null) {
                throw new RejectedRunException("The script pool is stopped");
            }
            if (tasks.runs() >= RUNS_PER_SLOT * capacity()) {
                throw new RejectedRunException("All " + capacity() + " run slots are in use, and as many runs wait");
            }
            PoolTask.Run run = new PoolTask.Run(++lastId, request, host, this);
            tasks.submit(run);
            return run;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Parses each of the sources as a data script. Completes with the problems of each, in the same order, none for a script;
     * exceptionally with a {@link RejectedRunException} if no worker could tell.
     *
     * @param sources together no longer than the longest script
     * @throws RejectedRunException if too many checks are under way, or the pool is stopped
     */
    public CompletionStage<List<List<ScriptProblem>>> check(List<String> sources) {
        if (sources.stream().mapToLong(String::length).sum() > ScriptRequest.MAX_CHARS) {
            throw new IllegalArgumentException("scripts larger than " + ScriptRequest.MAX_CHARS + " characters");
        }
        lock.lock();
        try {
            if (threads == null) {
                throw new RejectedRunException("The script pool is stopped");
            }
            if (tasks.checks() >= MAX_CHECKS) {
                throw new RejectedRunException("Too many scripts are being checked");
            }
            PoolTask.Check check = new PoolTask.Check(++lastId, CHECK_TIME, List.copyOf(sources));
            tasks.submit(check);
            return check.completion();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends every run as {@code LOST}; returns at once. A worker that stops its runs in time goes on: the start of another
     * costs seconds of processor time, which a node that comes back from an outage does not have.
     */
    public void loseAll(String reason) {
        PoolTask.Stop end = new PoolTask.Stop(ScriptOutcome.Kind.LOST, reason);
        locked(() -> tasks.allRuns()).forEach(run -> stops.stopWithoutBlame(run, end));
    }

    /** Asks a task's worker to stop it, and answers it without the worker after the configured grace. */
    void stop(PoolTask task, PoolTask.Stop end) {
        stops.stop(task, end);
    }

    private <T> T locked(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    // ---- What workers say; called by their dialogues, without the lock ----

    /** Null if the task has been answered. */
    @Nullable
    PoolTask taskOf(PooledWorker worker, long id) {
        lock.lock();
        try {
            return worker.task(id);
        } finally {
            lock.unlock();
        }
    }

    /** Null while the pool is stopped. */
    @Nullable
    PoolThreads threads() {
        lock.lock();
        try {
            return threads;
        } finally {
            lock.unlock();
        }
    }

    /** Sends a frame about a run to its worker; returns false if the run has ended. */
    boolean sendTo(PoolTask.Run run, WorkerProcess worker, Frame frame, Runnable gone) {
        return locked(() -> {
            if (run.hasEnded()) {
                return false;
            }
            worker.send(frame, gone);
            return true;
        });
    }

    void ready(PooledWorker worker, FromWorker.Ready ready) {
        lock.lock();
        try {
            if (fleet.becomeReady(worker, ready)) {
                tasks.dispatch();
                fleet.endUnneeded();
            }
        } finally {
            lock.unlock();
        }
    }

    void sick(PooledWorker worker, String reason) {
        lock.lock();
        try {
            fleet.condemn(worker, reason, false);
            fleet.endUnneeded();
        } finally {
            lock.unlock();
        }
    }

    void stopHeard(PooledWorker worker, long id) {
        lock.lock();
        try {
            PoolTask task = worker.task(id);
            if (task != null) {
                task.stopWasHeard();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Returns false if the run has ended before. */
    boolean ended(PoolTask.Run run, boolean outOfMemory) {
        return locked(() -> {
            if (!tasks.end(run)) {
                return false;
            }
            if (outOfMemory) {
                placement.markRisky(run);
            } else {
                placement.trust(run);
            }
            return true;
        });
    }

    void checked(PoolTask.Check check, Ending ending, List<List<ScriptProblem>> problems) {
        PoolThreads answering;
        lock.lock();
        try {
            if (!tasks.end(check)) {
                return;
            }
            if (ending == Ending.OUT_OF_MEMORY && !check.isApart() && placement.canKeepApart()) {
                // It may have been the heap of others that was full
                tasks.submit(check.apart(++lastId));
                return;
            }
            answering = threads;
        } finally {
            lock.unlock();
        }
        PoolThreads.answer(answering, () -> check.complete(ending, problems));
    }

    void exited(PooledWorker worker, int status) {
        List<PoolTask> lost;
        PoolThreads answering;
        lock.lock();
        try {
            boolean neverReady = fleet.remove(worker, status);
            lost = new ArrayList<>(worker.tasks());
            if (WorkerExit.isOutOfMemory(status)) {
                lost.forEach(placement::markRisky);
            }
            lost.removeIf(task -> !tasks.end(task));
            answering = threads;
            fleet.replace(worker, neverReady, status);
        } finally {
            lock.unlock();
        }
        String why = worker.process().killedBecause();
        PoolTask.Stop end = new PoolTask.Stop(
                ScriptOutcome.Kind.LOST,
                why == null
                        ? "The worker process died under the run: " + WorkerExit.cause(status)
                        : "The run was lost: " + why);
        for (PoolTask task : lost) {
            PoolTask.Stop asked = task.stop();
            PoolThreads.answer(answering, () -> task.completeWithout(asked == null ? end : asked));
        }
    }
}

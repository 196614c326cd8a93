package io.asyncjobs.script;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Stops tasks: at their deadlines, when they waited too long for a slot, and when somebody asks.
 *
 * <p>Deadlines are kept by this process's monotonic clock. At its deadline a run is asked to stop. If its worker does not
 * confirm the end within the grace, the run is answered all the same and the worker is condemned.
 */
final class TaskStops {

    /**
     * How long workers may take to stop runs where that says nothing about their scripts: a node that slept or lost its
     * database stops all of them at once. Such runs have no effects meanwhile.
     */
    private static final Duration GRACE_WITHOUT_BLAME = Duration.ofSeconds(1);

    /** A deadline that is noticed so late was missed by the node, which slept or got no processor time. */
    private static final Duration LATE = Duration.ofSeconds(1);

    private final ScriptConfig config;
    private final ReentrantLock lock;

    // Guarded by lock
    private final WorkerFleet fleet;
    private final Placement placement;
    private final PoolTasks tasks;
    private final Supplier<@Nullable PoolThreads> threads;

    /**
     * @param lock the pool's
     * @param threads the pool's, null while it is stopped; asked with the lock held
     */
    TaskStops(
            ScriptConfig config,
            ReentrantLock lock,
            WorkerFleet fleet,
            Placement placement,
            Supplier<@Nullable PoolThreads> threads) {
        this.config = config;
        this.lock = lock;
        this.fleet = fleet;
        this.placement = placement;
        this.threads = threads;
        this.tasks = new PoolTasks(fleet, placement, new Deadlines());
    }

    /** The tasks whose deadlines are kept here; guarded by the lock. */
    PoolTasks tasks() {
        return tasks;
    }

    /** Asks a task's worker to stop it, and answers it without the worker after the configured grace. */
    void stop(PoolTask task, PoolTask.Stop end) {
        stop(task, end, config.stopGrace(), true);
    }

    /** As {@link #stop}; it does not count against the script if its run cannot be stopped. */
    void stopWithoutBlame(PoolTask task, PoolTask.Stop end) {
        stop(task, end, GRACE_WITHOUT_BLAME, false);
    }

    /** Called with the lock held. */
    private final class Deadlines implements PoolTasks.Deadlines {

        @Override
        public void waits(PoolTask task) {
            alarm(task, config.startTimeout(), () -> giveUpWaiting(task));
        }

        @Override
        public void begins(PoolTask task) {
            PoolTask.Stop end = new PoolTask.Stop(
                    ScriptOutcome.Kind.TIMED_OUT, "Limit of " + seconds(task.wallTime()) + " s wall time passed");
            alarm(task, task.wallTime(), () -> {
                if (System.nanoTime() - task.startedNanoTime()
                        > task.wallTime().plus(LATE).toNanos()) {
                    stopWithoutBlame(task, end);
                } else {
                    stop(task, end);
                }
            });
        }
    }

    private void alarm(PoolTask task, Duration after, Runnable action) {
        PoolThreads running = threads.get();
        if (running != null) {
            task.keep(running.after(after, action));
        }
    }

    private void stop(PoolTask task, PoolTask.Stop end, Duration grace, boolean blamed) {
        conclude(task, end, () -> {
            PooledWorker worker = task.worker();
            if (worker == null) {
                return true;
            }
            if (task.askToStop(end)) {
                worker.stop(task);
                alarm(task, grace, () -> abandon(task, worker, end, blamed));
            }
            return false;
        });
    }

    private void abandon(PoolTask task, PooledWorker worker, PoolTask.Stop end, boolean blamed) {
        PoolTask.Stop told = new PoolTask.Stop(
                end.kind(), end.reason() + "; it could not be stopped and its worker process is given up");
        conclude(task, told, () -> {
            if (blamed && task.isStopHeard()) {
                placement.markRisky(task);
            } else if (blamed) {
                placement.suspect(task);
            }
            // A worker that read the request still works, but for this run; one that did not may be lost altogether
            fleet.condemn(worker, "a run could not be stopped", task.isStopHeard());
            return true;
        });
    }

    private void giveUpWaiting(PoolTask task) {
        PoolTask.Stop end = new PoolTask.Stop(
                ScriptOutcome.Kind.LOST,
                "No worker process had a free slot within " + seconds(config.startTimeout()) + " s");
        conclude(task, end, () -> task.worker() == null);
    }

    /** Ends a task without its worker if {@code agreed}, asked with the lock held, says so. */
    private void conclude(PoolTask task, PoolTask.Stop end, BooleanSupplier agreed) {
        PoolThreads answering;
        lock.lock();
        try {
            if (task.hasEnded() || !agreed.getAsBoolean() || !tasks.end(task)) {
                return;
            }
            answering = threads.get();
        } finally {
            lock.unlock();
        }
        PoolThreads.answer(answering, () -> task.completeWithout(end));
    }

    private static String seconds(Duration duration) {
        return duration.toMillis() % 1000 == 0
                ? Long.toString(duration.toSeconds())
                : Double.toString(duration.toMillis() / 1000.0);
    }
}

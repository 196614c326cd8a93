package io.asyncjobs.script;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the worker for a task. A script that harmed its worker the last time is kept apart from the others. Guarded by
 * the pool's lock.
 */
final class Placement {

    /** Scripts remembered of each kind. */
    private static final int MAX_REMEMBERED = 1_000;

    /** Runs that a worker takes while its scripts are not compiled yet and others can take them. */
    private static final int LEARNER_RUNS = 2;

    /** @param alone whether the task has the worker to itself */
    record Place(PooledWorker worker, boolean alone) {}

    private final WorkerFleet fleet;
    private final int workerCount;
    private final int slots;
    private final boolean canKeepApart;

    /** Digests of scripts whose last run harmed its worker: the next run waits until it can have one to itself. */
    private final SequencedSet<String> risky = new LinkedHashSet<>();

    /** Digests of scripts that ran in a worker that no longer answered: the next run is kept apart if that is possible. */
    private final SequencedSet<String> suspects = new LinkedHashSet<>();

    /**
     * @param workerCount without spares
     * @param slots runs that a worker takes at once
     */
    Placement(WorkerFleet fleet, int workerCount, int spares, int slots) {
        this.fleet = fleet;
        this.workerCount = workerCount;
        this.slots = slots;
        this.canKeepApart = workerCount + spares > 1;
    }

    /** Null if the task has to wait. */
    @Nullable
    Place placeFor(PoolTask task) {
        if (task instanceof PoolTask.Check check && check.isApart() || isAmong(risky, task)) {
            return placeApart();
        }
        Place apart = isAmong(suspects, task) ? placeApart() : null;
        return apart != null ? apart : placeAmongOthers(task);
    }

    /** Whether a task can have a worker to itself. */
    boolean canKeepApart() {
        return canKeepApart;
    }

    /** Runs that a worker could begin at once. */
    int freeSlots() {
        int free = 0;
        for (PooledWorker worker : fleet.open()) {
            free += slots - worker.runs();
        }
        return free;
    }

    void markRisky(PoolTask task) {
        remember(risky, task);
    }

    void suspect(PoolTask task) {
        remember(suspects, task);
    }

    void trust(PoolTask.Run run) {
        risky.remove(run.digest());
        suspects.remove(run.digest());
    }

    private boolean isAmong(SequencedSet<String> digests, PoolTask task) {
        return canKeepApart && task instanceof PoolTask.Run run && digests.contains(run.digest());
    }

    private static void remember(SequencedSet<String> digests, PoolTask task) {
        if (task instanceof PoolTask.Run run && digests.add(run.digest()) && digests.size() > MAX_REMEMBERED) {
            digests.removeFirst();
        }
    }

    /** The newest empty worker, unless the others would have none. */
    private @Nullable Place placeApart() {
        List<PooledWorker> ready = fleet.ready();
        if (ready.size() < 2) {
            return null;
        }
        for (PooledWorker worker : ready.reversed()) {
            if (worker.isEmpty()) {
                return new Place(worker, true);
            }
        }
        return null;
    }

    /**
     * The least busy worker with a free slot. A spare, which is the newest, gets runs only when the others are full. A
     * learner gets the first runs, a few at a time: it has to see them often to compile them.
     */
    private @Nullable Place placeAmongOthers(PoolTask task) {
        PooledWorker best = null;
        int seen = 0;
        for (PooledWorker worker : fleet.open()) {
            if (fleet.isLearner(worker)) {
                if (task instanceof PoolTask.Run && worker.runs() < LEARNER_RUNS) {
                    return new Place(worker, false);
                }
                continue;
            }
            boolean spare = ++seen > workerCount;
            boolean hasSlot = task instanceof PoolTask.Check || worker.runs() < slots;
            if (hasSlot && (best == null || !spare && worker.runs() < best.runs())) {
                best = worker;
            }
        }
        return best == null ? null : new Place(best, false);
    }
}

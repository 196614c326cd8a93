package io.asyncjobs.script;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/** The tasks of a pool: counts them, queues those that wait, and gives them to workers. Guarded by the pool's lock. */
final class PoolTasks {

    /** Sets a task's alarms. */
    interface Deadlines {

        void waits(PoolTask task);

        void begins(PoolTask task);
    }

    private final WorkerFleet fleet;
    private final Placement placement;
    private final Deadlines deadlines;
    private final Deque<PoolTask> queue = new ArrayDeque<>();
    private int runs;
    private int checks;

    PoolTasks(WorkerFleet fleet, Placement placement, Deadlines deadlines) {
        this.fleet = fleet;
        this.placement = placement;
        this.deadlines = deadlines;
    }

    /** Runs in flight, including those that wait. */
    int runs() {
        return runs;
    }

    /** Checks in flight, including those that wait. */
    int checks() {
        return checks;
    }

    /** Gives a new task to a worker, or queues it. */
    void submit(PoolTask task) {
        if (task instanceof PoolTask.Run) {
            runs++;
        } else {
            checks++;
        }
        Placement.Place place = placement.placeFor(task);
        if (place != null) {
            assign(task, place);
        } else {
            queue.add(task);
            deadlines.waits(task);
        }
    }

    /** Gives the tasks that wait to workers, in their order. */
    void dispatch() {
        int count = queue.size();
        for (int i = 0; i < count; i++) {
            PoolTask task = queue.removeFirst();
            Placement.Place place = placement.placeFor(task);
            if (place == null) {
                queue.addLast(task);
            } else {
                assign(task, place);
            }
        }
    }

    private void assign(PoolTask task, Placement.Place place) {
        place.worker().begin(task, place.alone());
        deadlines.begins(task);
    }

    /** Takes a task off the books; returns false if it has ended before. */
    boolean end(PoolTask task) {
        if (!task.end()) {
            return false;
        }
        if (task instanceof PoolTask.Run) {
            runs--;
        } else {
            checks--;
        }
        PooledWorker worker = task.worker();
        if (worker == null) {
            queue.remove(task);
            return true;
        }
        boolean alone = worker.end(task);
        if (alone || worker.isLeaving()) {
            fleet.endUnneeded();
        }
        if (!queue.isEmpty()) {
            dispatch();
        }
        return true;
    }

    /** The runs in flight, including those that wait. */
    List<PoolTask> allRuns() {
        return Stream.concat(fleet.all().stream().flatMap(worker -> worker.tasks().stream()), queue.stream())
                .filter(task -> task instanceof PoolTask.Run)
                .toList();
    }

    /** Ends all tasks of these workers and all that wait; returns those that have to be answered. */
    List<PoolTask> endAll(List<PooledWorker> workers) {
        List<PoolTask> open = new ArrayList<>();
        workers.forEach(worker -> open.addAll(worker.tasks()));
        open.addAll(queue);
        queue.clear();
        open.removeIf(task -> !end(task));
        return open;
    }
}

package io.asyncjobs.script;

import io.asyncjobs.script.worker.ToWorker;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A worker as the pool sees it: its tasks, and whether it takes more. Guarded by the pool's lock. */
final class PooledWorker {

    private final WorkerProcess process;
    private final KnownSources sources;
    private final Map<Long, PoolTask> tasks = new LinkedHashMap<>();
    private WorkerView.State state = WorkerView.State.STARTING;
    private WorkerView.Mode mode;
    private int runs;
    private long readySince;
    private long measuredAt;
    private Duration measuredCpu = Duration.ZERO;
    /** Whether its one task stays alone. */
    private boolean reserved;
    /** Whether it may take runs although it is condemned, as long as no other worker is ready. */
    private boolean standIn;

    PooledWorker(WorkerProcess process, WorkerView.Mode mode) {
        this.process = process;
        this.sources = new KnownSources(key -> process.send(new ToWorker.Forget(key).frame()));
        this.mode = mode;
    }

    WorkerProcess process() {
        return process;
    }

    long pid() {
        return process.pid();
    }

    boolean isIn(WorkerView.State other) {
        return state == other;
    }

    WorkerView.Mode mode() {
        return mode;
    }

    /** @param warmUp how long after it became ready a worker is slower than it will be */
    WorkerView view(Duration warmUp) {
        return new WorkerView(pid(), mode, state, isWarming(warmUp), tasks.size(), process.startedAt());
    }

    /** Whether it starts, or has been ready for less than that. */
    boolean isWarming(Duration warmUp) {
        return state == WorkerView.State.STARTING
                || state == WorkerView.State.READY && readyFor().compareTo(warmUp) < 0;
    }

    /** Whether it takes tasks. */
    boolean isOpen() {
        return state == WorkerView.State.READY && !reserved;
    }

    /** Whether it is condemned but still works. */
    boolean isStandIn() {
        return state == WorkerView.State.CONDEMNED && standIn && process.isUp();
    }

    boolean isEmpty() {
        return tasks.isEmpty();
    }

    int runs() {
        return runs;
    }

    List<PoolTask> tasks() {
        return List.copyOf(tasks.values());
    }

    @Nullable
    PoolTask task(long id) {
        return tasks.get(id);
    }

    /** Gives it a task. */
    void begin(PoolTask task, boolean alone) {
        reserved = alone;
        tasks.put(task.id(), task);
        if (task instanceof PoolTask.Run) {
            runs++;
        }
        task.begunBy(this);
        process.send(task.message(sources).frame());
    }

    /** Asks it to stop a task. */
    void stop(PoolTask task) {
        process.send(new ToWorker.Cancel(task.id()).frame());
    }

    /** Takes a task off; returns whether the task had the worker to itself. */
    boolean end(PoolTask task) {
        tasks.remove(task.id());
        boolean alone = reserved;
        reserved = false;
        if (task instanceof PoolTask.Run) {
            runs--;
        }
        return alone;
    }

    void becomeReady(boolean compiled) {
        state = WorkerView.State.READY;
        mode = compiled ? WorkerView.Mode.COMPILED : WorkerView.Mode.INTERPRETED;
        readySince = System.nanoTime();
        measuredAt = readySince;
        measuredCpu = process.cpuTime();
    }

    /** It takes no more tasks: others of another mode take its place. */
    void retire() {
        state = WorkerView.State.RETIRING;
    }

    /** Whether it ends with its last task. */
    boolean isLeaving() {
        return state == WorkerView.State.RETIRING || state == WorkerView.State.CONDEMNED;
    }

    /** How long it has been ready. */
    Duration readyFor() {
        return Duration.ofNanos(System.nanoTime() - readySince);
    }

    /** Cores that it has used since this was last asked, or since it became ready. */
    double takeLoad() {
        Duration cpu = process.cpuTime();
        long now = System.nanoTime();
        double load = (double) cpu.minus(measuredCpu).toNanos() / Math.max(1, now - measuredAt);
        measuredCpu = cpu;
        measuredAt = now;
        return load;
    }

    /** It takes no more tasks, except as a stand-in. */
    void condemn(boolean stillWorks) {
        standIn = stillWorks && (standIn || state != WorkerView.State.CONDEMNED);
        state = WorkerView.State.CONDEMNED;
    }
}

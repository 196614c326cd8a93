package io.asyncjobs.script.worker;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Ends the run that fills the heap before its neighbours feel it. The JVM does not say what a context holds, but what its
 * run has allocated is an upper bound: when most of the heap is in use after a collection, the run that allocated most
 * is ended, then the next, until there is room. The same happens when collections take most of the time: a run that works
 * close to the limit would go on for half a minute, and slow down its neighbours, before it fails all the same.
 *
 * <p>No run is ended for the code of scripts that do not run: that is let go of first.
 */
final class MemoryWatch implements Runnable {

    /** Of the old generation. What is above it is the room in which the other runs go on while the culprit is stopped. */
    private static final double MOST_USED = 0.55;

    /** As much, where one check is all that goes on: it has no neighbours, and whether a text can be parsed is not to depend on chance. */
    private static final double MOST_USED_ALONE = 0.85;

    /** A run that has allocated less than this part of the limit is not what fills the heap. */
    private static final int LEAST_SHARE = 4;

    /** Of a second, in collections; where the heap is at least so full. */
    private static final double MOST_COLLECTING = 0.6;

    private static final double LEAST_USED = 0.25;
    private static final long WINDOW = TimeUnit.SECONDS.toNanos(1);

    /** In a row. To load a large script takes one or two, while the heap grows. */
    private static final int MOST_WINDOWS_COLLECTING = 5;

    /** Of the limit. */
    private static final double MOST_CODE = 0.75;

    private static final long BETWEEN_LOOKS_AT_CODE = TimeUnit.SECONDS.toNanos(5);

    private static final long BUSY_PAUSE = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long IDLE_PAUSE = TimeUnit.MILLISECONDS.toNanos(100);
    /** A collection stops all scripts for a moment: what only looks like a full heap must not make that a habit. */
    private static final long BETWEEN_COLLECTIONS = TimeUnit.MILLISECONDS.toNanos(250);
    /** What was stopped may lie in the heap through one more collection. */
    private static final int COLLECTIONS_TO_RELEASE = 2;

    private final Collection<Task> tasks;
    private final BooleanSupplier releaseCode;
    private final Consumer<String> sick;
    private final MemoryPoolMXBean old;
    private final List<GarbageCollectorMXBean> collectors = ManagementFactory.getGarbageCollectorMXBeans();
    private long windowStart = System.nanoTime();
    private long collectingBefore;
    private int windowsCollecting;
    private long collected = System.nanoTime() - BETWEEN_COLLECTIONS;
    private @Nullable Future<?> stopping;
    private int collectionsSinceStop = COLLECTIONS_TO_RELEASE;
    private boolean saidSick;

    /**
     * @param releaseCode lets go of the code of scripts that do not run, and says whether there was some
     * @param sick told once, why this process has to be replaced
     */
    MemoryWatch(Collection<Task> tasks, BooleanSupplier releaseCode, Consumer<String> sick) {
        this.tasks = tasks;
        this.releaseCode = releaseCode;
        this.sick = sick;
        this.old = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP && pool.isUsageThresholdSupported())
                .max(Comparator.comparingLong(pool -> pool.getUsage().getMax()))
                .orElseThrow();
    }

    /** What all runs together may hold before one of them is ended. */
    long limitBytes() {
        return (long) (old.getUsage().getMax() * MOST_USED);
    }

    @Override
    public void run() {
        while (true) {
            LockSupport.parkNanos(tasks.isEmpty() ? IDLE_PAUSE : BUSY_PAUSE);
            boolean collecting = isCollecting();
            if (tasks.isEmpty()) {
                lookAtCode();
            } else if (isOver()) {
                relieve();
            } else if (collecting && (stopping == null || stopping.isDone())) {
                endTheLargest();
            }
        }
    }

    /**
     * What is in use while nothing runs is the code of the scripts. Where it leaves too little room, runs would be ended for
     * it.
     */
    private void lookAtCode() {
        long most = (long) (limitBytes() * MOST_CODE);
        if (saidSick || old.getUsage().getUsed() < most || System.nanoTime() - collected < BETWEEN_LOOKS_AT_CODE) {
            return;
        }
        boolean unused = releaseCode.getAsBoolean();
        collect();
        long used = old.getUsage().getUsed();
        if (used >= most && tasks.isEmpty()) {
            saidSick = true;
            sick.accept("the code of its scripts takes " + (used >> 20) + " MiB");
        }
    }

    private void relieve() {
        boolean stillStopping = stopping != null && !stopping.isDone();
        if (stillStopping || System.nanoTime() - collected < BETWEEN_COLLECTIONS) {
            // Nobody else is blamed for what a run that is being stopped still holds
            return;
        }
        // Much of what is in use may be garbage: nobody is ended for that
        collect();
        collectionsSinceStop++;
        if (isOver() && collectionsSinceStop >= COLLECTIONS_TO_RELEASE) {
            endTheLargest();
        }
    }

    private void collect() {
        long before = collectingMillis();
        System.gc();
        collected = System.nanoTime();
        collectingBefore += collectingMillis() - before;
    }

    private void endTheLargest() {
        if (releaseCode.getAsBoolean()) {
            collect();
            if (!isOver()) {
                return;
            }
        }
        tasks.stream()
                .filter(task -> !task.isEnding())
                .max(Comparator.comparingLong(task -> task.allocations().bytes()))
                .filter(task -> task.allocations().bytes() >= limitBytes() / LEAST_SHARE)
                .ifPresent(culprit -> {
                    stopping = culprit.stopForMemory(limitBytes());
                    collectionsSinceStop = 0;
                });
    }

    /** Once a second, whether most of it, and of some seconds before, went into collections that were not asked for here. */
    private boolean isCollecting() {
        long now = System.nanoTime();
        if (now - windowStart < WINDOW) {
            return false;
        }
        long collecting = collectingMillis();
        double share = TimeUnit.MILLISECONDS.toNanos(collecting - collectingBefore) / (double) (now - windowStart);
        windowStart = now;
        collectingBefore = collecting;
        boolean most = share > MOST_COLLECTING
                && old.getUsage().getUsed() > old.getUsage().getMax() * LEAST_USED;
        windowsCollecting = most ? windowsCollecting + 1 : 0;
        return windowsCollecting >= MOST_WINDOWS_COLLECTING;
    }

    private long collectingMillis() {
        return collectors.stream()
                .mapToLong(GarbageCollectorMXBean::getCollectionTime)
                .sum();
    }

    private boolean isOneCheck() {
        Iterator<Task> all = tasks.iterator();
        return all.hasNext() && all.next() instanceof CheckTask && !all.hasNext();
    }

    private boolean isOver() {
        return old.getUsage().getUsed() > (isOneCheck() ? old.getUsage().getMax() * MOST_USED_ALONE : limitBytes());
    }
}

package io.asyncjobs.script.worker;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * The threads on which scripts work: one; as many as there are processors while steps wait long for it; and one more for
 * each step that takes long. A step is what a task does on a thread without a break. Most take less than a millisecond, and
 * more threads than they need only get in each other's way; but one that computes for a second must not hold up the others.
 */
final class StepThreads extends Thread implements Executor {

    /** A step that takes longer has a thread besides those that the short ones share. */
    private static final long LONG = TimeUnit.MILLISECONDS.toNanos(10);

    /** Where steps have waited for so long without a break, one thread does not do. */
    private static final long LONG_WAIT = TimeUnit.MILLISECONDS.toNanos(100);

    /** How long the short steps keep the other processors after that. */
    private static final long SHARED_BY_ALL = TimeUnit.SECONDS.toNanos(1);

    private static final long BETWEEN_LOOKS = TimeUnit.MILLISECONDS.toNanos(5);

    private final int processors;
    private final Set<StepThread> living = ConcurrentHashMap.newKeySet();
    private final ThreadPoolExecutor threads;
    private volatile boolean looking;
    // Touched only by the thread that looks
    private int shared = 1;
    private long noneWaited;
    private long lastLongWait = System.nanoTime();

    StepThreads(int processors, long stackBytes) {
        super("step-watch");
        setDaemon(true);
        setPriority(MAX_PRIORITY);
        this.processors = processors;
        AtomicInteger count = new AtomicInteger();
        threads = new ThreadPoolExecutor(
                shared,
                shared,
                30,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                worker -> new StepThread(worker, "script-" + count.incrementAndGet(), stackBytes));
    }

    @Override
    public void execute(Runnable step) {
        threads.execute(() -> ((StepThread) Thread.currentThread()).take(step));
        if (!looking) {
            LockSupport.unpark(this);
        }
    }

    /** How many threads there are. */
    int size() {
        return living.size();
    }

    /** Keeps the number of threads right while there is anything to do. */
    @Override
    public void run() {
        while (true) {
            looking = true;
            noneWaited = System.nanoTime();
            boolean busy;
            do {
                busy = isBusy();
                LockSupport.parkNanos(BETWEEN_LOOKS);
                // Once more after the last step, so that its thread goes too
                adjust();
            } while (busy);
            looking = false;
            if (!isBusy()) {
                LockSupport.park();
            }
        }
    }

    private boolean isBusy() {
        return !threads.getQueue().isEmpty() || living.stream().anyMatch(thread -> thread.working);
    }

    private void adjust() {
        long now = System.nanoTime();
        if (threads.getQueue().isEmpty()) {
            noneWaited = now;
        }
        if (now - noneWaited > LONG_WAIT) {
            shared = processors;
            lastLongWait = now;
        } else if (now - lastLongWait > SHARED_BY_ALL) {
            shared = 1;
        }
        int wanted = shared
                + (int) living.stream()
                        .filter(thread -> thread.working && now - thread.since > LONG)
                        .count();
        if (wanted > threads.getCorePoolSize()) {
            threads.setMaximumPoolSize(wanted);
            threads.setCorePoolSize(wanted);
        } else if (wanted < threads.getCorePoolSize()) {
            threads.setCorePoolSize(wanted);
            threads.setMaximumPoolSize(wanted);
        }
    }

    private final class StepThread extends Thread {

        private volatile long since;
        private volatile boolean working;

        StepThread(Runnable worker, String name, long stackBytes) {
            super(null, worker, name, stackBytes);
            setDaemon(true);
        }

        @Override
        public void run() {
            living.add(this);
            try {
                super.run();
            } finally {
                living.remove(this);
            }
        }

        private void take(Runnable step) {
            since = System.nanoTime();
            working = true;
            try {
                step.run();
            } finally {
                working = false;
            }
        }
    }
}

package io.asyncjobs.script.worker;

import java.lang.management.ManagementFactory;

/** How many bytes a task has allocated so far, whichever threads it ran on: the most that it can be holding. */
final class AllocationMeter {

    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final long NO_THREAD = -1;

    private long before;
    private volatile long earlier;
    private volatile long thread = NO_THREAD;

    /** The calling thread begins to work for the task; never two at once. */
    void begin() {
        before = THREADS.getCurrentThreadAllocatedBytes();
        thread = Thread.currentThread().threadId();
    }

    void end() {
        thread = NO_THREAD;
        earlier += THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    /** From any thread; may miss what happens meanwhile. */
    long bytes() {
        long working = thread;
        long sum = earlier;
        return working == NO_THREAD ? sum : sum + Math.max(0, THREADS.getThreadAllocatedBytes(working) - before);
    }
}

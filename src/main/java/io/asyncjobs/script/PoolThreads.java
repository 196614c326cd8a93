package io.asyncjobs.script;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** The threads of a pool from its start to its stop. Thread-safe. */
final class PoolThreads {

    private final Alarms alarms = new Alarms("script-deadlines");
    private final ExecutorService executor = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("script-host-", 0).factory());

    /** Virtual threads, for work that takes long. */
    Executor executor() {
        return executor;
    }

    Alarms.Alarm after(Duration time, Runnable action) {
        return alarms.after(time, action);
    }

    /** Completes a future on a thread of its own, so that its dependents hold nobody up; here once the pool is stopped. */
    static void answer(@Nullable PoolThreads threads, Runnable completion) {
        if (threads == null || threads.executor.isShutdown()) {
            completion.run();
        } else {
            threads.executor.execute(completion);
        }
    }

    void closeAlarms() {
        alarms.close();
    }

    /** Ends when what was handed over is done. */
    void shutDown() {
        executor.shutdown();
    }
}

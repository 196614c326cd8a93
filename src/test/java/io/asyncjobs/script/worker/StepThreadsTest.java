package io.asyncjobs.script.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.asyncjobs.testsupport.Fast;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

@Fast
class StepThreadsTest {

    private static final int PROCESSORS = 3;
    private static final int STEPS = 10;

    private final StepThreads threads = new StepThreads(PROCESSORS, 0);
    private final AtomicInteger begun = new AtomicInteger();

    private void executeUntil(CountDownLatch end) {
        threads.execute(() -> {
            begun.incrementAndGet();
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /** A step that lasts for a millisecond, and comes back when it is done. */
    private void keepBusy(AtomicBoolean on) {
        long end = System.nanoTime() + 1_000_000;
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        if (on.get()) {
            threads.execute(() -> keepBusy(on));
        }
    }

    @Test
    void long_steps_hold_up_nobody_and_give_their_threads_back() {
        CountDownLatch end = new CountDownLatch(1);
        threads.start();

        for (int i = 0; i < STEPS; i++) {
            executeUntil(end);
        }

        await().until(() -> begun.get() == STEPS);
        CountDownLatch ended = new CountDownLatch(1);
        threads.execute(ended::countDown);
        await().until(() -> ended.getCount() == 0);
        end.countDown();
        // The threads are looked after only while there is something to do
        await().until(() -> {
            threads.execute(() -> {});
            return threads.size() == 1;
        });
    }

    @Test
    void steps_share_one_thread() {
        // Nobody looks how long a step takes or waits before it is started
        CountDownLatch end = new CountDownLatch(1);
        for (int i = 0; i < STEPS; i++) {
            executeUntil(end);
        }

        await().until(() -> begun.get() == 1);
        assertThat(threads.size()).isEqualTo(1);
        end.countDown();
        await().until(() -> begun.get() == STEPS);
        assertThat(threads.size()).isEqualTo(1);
    }

    @Test
    void short_steps_that_wait_long_get_a_thread_for_each_processor() {
        AtomicBoolean on = new AtomicBoolean(true);
        threads.start();

        for (int i = 0; i < 100; i++) {
            threads.execute(() -> keepBusy(on));
        }

        await().until(() -> threads.size() >= PROCESSORS);
        on.set(false);
        await().until(() -> {
            threads.execute(() -> {});
            return threads.size() == 1;
        });
    }
}

package io.asyncjobs.script.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class StepThreadsTest {

    private static final int PROCESSORS = 2;
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
        await().until(() -> threads.size() == PROCESSORS);
    }

    @Test
    void steps_share_as_many_threads_as_there_are_processors() {
        // Nobody looks how long a step takes before it is started
        CountDownLatch end = new CountDownLatch(1);
        for (int i = 0; i < STEPS; i++) {
            executeUntil(end);
        }

        await().until(() -> begun.get() == PROCESSORS);
        assertThat(threads.size()).isEqualTo(PROCESSORS);
        end.countDown();
        await().until(() -> begun.get() == STEPS);
        assertThat(threads.size()).isEqualTo(PROCESSORS);
    }
}

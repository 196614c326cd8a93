package io.asyncjobs.script;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.testsupport.Fast;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@Fast
class AlarmsTest {

    private final Alarms alarms = new Alarms("alarms");
    private final BlockingQueue<String> rung = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        alarms.close();
    }

    @Test
    void alarms_ring_in_the_order_of_their_times() throws Exception {
        CountDownLatch hold = holdThread();
        set(3, "third");
        set(1, "first");
        set(2, "second");
        hold.countDown();

        assertThat(rung.poll(10, TimeUnit.SECONDS)).isEqualTo("first");
        assertThat(rung.poll(10, TimeUnit.SECONDS)).isEqualTo("second");
        assertThat(rung.poll(10, TimeUnit.SECONDS)).isEqualTo("third");
    }

    @Test
    void an_earlier_one_rings_while_the_thread_sleeps_for_a_later_one() throws Exception {
        alarms.after(Duration.ofHours(1), () -> rung.add("never"));
        set(0, "asleep by now");
        await("asleep by now");

        set(50, "earlier");

        await("earlier");
    }

    @Test
    void one_rings_although_the_thread_sleeps_for_one_that_was_silenced() throws Exception {
        Alarms.Alarm silenced = set(100, "silenced");
        set(0, "asleep by now");
        await("asleep by now");
        silenced.silence();

        set(150, "after it");

        await("after it");
    }

    @Test
    void one_rings_after_the_thread_has_slept_for_nothing() throws Exception {
        set(20, "silenced").silence();
        set(50, "last");
        await("last");

        set(20, "another");

        await("another");
    }

    @Test
    void one_that_was_silenced_does_not_ring() throws Exception {
        CountDownLatch hold = holdThread();
        set(0, "silenced").silence();
        set(1, "next");
        hold.countDown();

        assertThat(rung.poll(10, TimeUnit.SECONDS)).isEqualTo("next");
    }

    @Test
    void one_that_fails_does_not_keep_the_others_from_ringing() throws Exception {
        alarms.after(Duration.ZERO, () -> {
            throw new IllegalStateException("on purpose");
        });
        set(20, "next");

        await("next");
    }

    @Test
    void nothing_rings_once_they_are_closed() throws Exception {
        CountDownLatch hold = holdThread();
        set(0, "set before");
        alarms.close();
        set(0, "set after");
        hold.countDown();

        Alarms others = new Alarms("others");
        try {
            others.after(Duration.ofMillis(100), () -> rung.add("of others"));
            assertThat(rung.poll(10, TimeUnit.SECONDS)).isEqualTo("of others");
        } finally {
            others.close();
        }
    }

    private Alarms.Alarm set(long millis, String name) {
        return alarms.after(Duration.ofMillis(millis), () -> rung.add(name));
    }

    /** Nothing rings until that is counted down. */
    private CountDownLatch holdThread() throws InterruptedException {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch hold = new CountDownLatch(1);
        alarms.after(Duration.ZERO, () -> {
            held.countDown();
            try {
                hold.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        assertThat(held.await(10, TimeUnit.SECONDS)).isTrue();
        return hold;
    }

    private void await(String name) throws InterruptedException {
        String next;
        do {
            next = rung.poll(10, TimeUnit.SECONDS);
            assertThat(next).as("rings within ten seconds: %s", name).isNotNull();
        } while (!name.equals(next));
    }
}

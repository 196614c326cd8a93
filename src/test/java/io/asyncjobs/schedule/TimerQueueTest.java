package io.asyncjobs.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.testsupport.Fast;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

@Fast
class TimerQueueTest {

    private static final Instant ZERO = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration NONE = Duration.ZERO;
    private static final Duration PATIENCE = Duration.ofMillis(250);

    private final TimerQueue queue = new TimerQueue();

    @Test
    void tick_after_an_instant_lies_on_the_grid_and_strictly_after_it() {
        Timer timer = timer(new UUID(0, 1), 7);

        assertThat(timer.tickAfter(ZERO.minusSeconds(100))).isEqualTo(ZERO);
        assertThat(timer.tickAfter(ZERO.minusNanos(1))).isEqualTo(ZERO);
        assertThat(timer.tickAfter(ZERO)).isEqualTo(ZERO.plusSeconds(7));
        assertThat(timer.tickAfter(ZERO.plusSeconds(7).minusNanos(1))).isEqualTo(ZERO.plusSeconds(7));
        assertThat(timer.tickAfter(ZERO.plusSeconds(700_000_000_000L / 1000))).isEqualTo(ZERO.plusSeconds(700_000_007));
    }

    @Test
    void earliest_comes_first_and_no_more_than_asked_for() {
        UUID late = put(1, 60, 3);
        UUID early = put(2, 60, 1);
        UUID middle = put(3, 60, 2);

        assertThat(queue.earliest()).contains(ZERO.plusSeconds(1));
        assertThat(queue.take(ZERO, 10)).isEmpty();
        assertThat(queue.take(ZERO.plusSeconds(3), 2)).containsExactly(early, middle);
        assertThat(queue.take(ZERO.plusSeconds(3), 2)).containsExactly(late);
        assertThat(queue.earliest()).isEmpty();
        assertThat(queue.size()).isEqualTo(3);
    }

    @Test
    void taken_job_comes_back_at_the_first_tick_after_its_run() {
        UUID job = put(1, 2, 0);
        queue.take(ZERO, 1);

        queue.release(job, ZERO.plusMillis(4500), NONE);

        assertThat(queue.earliest()).contains(ZERO.plusSeconds(6));
    }

    @Test
    void unwon_first_attempt_is_repeated_once_and_then_left_to_the_grid() {
        UUID job = put(1, 10, 0);

        queue.take(ZERO, 1);
        queue.retry(job, ZERO.plusMillis(5), PATIENCE, NONE);
        assertThat(queue.earliest()).contains(ZERO.plus(PATIENCE));

        queue.take(ZERO.plus(PATIENCE), 1);
        queue.retry(job, ZERO.plusMillis(255), PATIENCE, NONE);
        assertThat(queue.earliest()).contains(ZERO.plusSeconds(10));
    }

    @Test
    void node_that_is_not_preferred_tries_once_a_tick_and_later() {
        UUID job = new UUID(0, 1);
        queue.put(timer(job, 10), ZERO, PATIENCE);
        assertThat(queue.earliest()).contains(ZERO.plus(PATIENCE));

        queue.take(ZERO.plus(PATIENCE), 1);
        queue.retry(job, ZERO.plusMillis(255), PATIENCE, PATIENCE);

        assertThat(queue.earliest()).contains(ZERO.plusSeconds(10).plus(PATIENCE));
    }

    @Test
    void new_configuration_replaces_the_timer_and_the_same_one_does_not() {
        UUID job = put(1, 60, 1);
        queue.take(ZERO.plusSeconds(1), 1);

        queue.put(timer(job, 60), ZERO.plusSeconds(1), NONE);
        assertThat(queue.earliest()).as("the job runs and its timer waits").isEmpty();

        queue.put(new Timer(job, ZERO.plusSeconds(1), ZERO.plusSeconds(5), 30), ZERO.plusSeconds(5), NONE);
        assertThat(queue.take(ZERO.plusSeconds(5), 10)).isEqualTo(List.of(job));
        assertThat(queue.size()).isEqualTo(1);
    }

    @Test
    void claim_given_back_comes_first_although_the_timer_is_another_by_then() {
        UUID job = put(1, 300, 1);
        queue.take(ZERO.plusSeconds(1), 1);
        queue.put(new Timer(job, ZERO.plusSeconds(1), ZERO.plusSeconds(1), 10), ZERO.plusSeconds(11), NONE);

        queue.restore(job, ZERO.plusSeconds(1), NONE);
        assertThat(queue.earliest()).contains(ZERO.plusSeconds(1));

        queue.restore(job, ZERO.plusSeconds(2), NONE);
        assertThat(queue.earliest()).as("a later one changes nothing").contains(ZERO.plusSeconds(1));
        assertThat(queue.take(ZERO.plusSeconds(300), 10)).containsExactly(job);
    }

    @Test
    void release_of_a_removed_job_brings_nothing_back() {
        UUID job = put(1, 1, 0);
        queue.take(ZERO, 1);
        queue.remove(job);

        queue.release(job, ZERO, NONE);

        assertThat(queue.earliest()).isEmpty();
    }

    private UUID put(int id, int interval, int firstTick) {
        UUID job = new UUID(0, id);
        queue.put(timer(job, interval), ZERO.plusSeconds(firstTick), NONE);
        return job;
    }

    private static Timer timer(UUID job, int interval) {
        return new Timer(job, ZERO, ZERO, interval);
    }
}

package io.asyncjobs.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.testsupport.Fast;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

@Fast
class StartQueueTest {

    private final StartQueue starts = new StartQueue();

    @Test
    void runs_start_in_the_order_of_their_ticks_and_not_before() {
        Claim second = add(20);
        Claim first = add(10);
        add(30);

        assertThat(starts.earliest()).hasValue(10);
        assertThat(starts.take(20, 10)).containsExactly(first, second);
        assertThat(starts.take(20, 10)).isEmpty();
        assertThat(starts.size()).isEqualTo(1);
    }

    @Test
    void no_more_start_than_there_are_places() {
        Claim first = add(10);
        add(11);

        assertThat(starts.take(20, 0)).isEmpty();
        assertThat(starts.take(20, 1)).containsExactly(first);
        assertThat(starts.size()).isEqualTo(1);
    }

    @Test
    void a_clock_whose_numbers_overflow_keeps_the_order() {
        Claim first = add(Long.MAX_VALUE);
        Claim second = add(Long.MIN_VALUE + 5);

        assertThat(starts.take(Long.MIN_VALUE + 2, 10)).containsExactly(first);
        assertThat(starts.take(Long.MIN_VALUE + 5, 10)).containsExactly(second);
    }

    @Test
    void a_run_that_was_withdrawn_does_not_start() {
        Claim withdrawn = add(10);
        Claim other = add(10);

        assertThat(starts.remove(withdrawn.jobId())).isEqualTo(withdrawn);
        assertThat(starts.remove(withdrawn.jobId())).isNull();
        assertThat(starts.removeAll()).containsExactly(other);
        assertThat(starts.earliest()).isEmpty();
    }

    @Test
    void job_that_was_passed_over_comes_before_those_that_have_run_since() {
        UUID job = UUID.randomUUID();
        Claim early = add(job, 10);
        Claim late = add(30);

        assertThat(starts.take(31, 0)).isEmpty();
        assertThat(starts.takePassedOver(20)).containsExactly(early);
        Claim again = add(job, 40);
        assertThat(starts.take(35, 0)).isEmpty();
        assertThat(starts.takePassedOver(20)).as("it waits for its tick").isEmpty();
        assertThat(starts.earliest()).hasValue(30);

        assertThat(starts.take(40, 1)).containsExactly(again);
        Claim next = add(job, 50);
        assertThat(starts.take(50, 2)).as("it has run").containsExactly(late, next);
    }

    private Claim add(long at) {
        return add(UUID.randomUUID(), at);
    }

    private Claim add(UUID job, long at) {
        Claim claim = new Claim(UUID.randomUUID(), job, 1, 1, RunTrigger.TIMER, Instant.EPOCH, null);
        starts.add(claim, at);
        return claim;
    }
}

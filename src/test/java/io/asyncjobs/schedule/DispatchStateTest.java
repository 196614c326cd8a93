package io.asyncjobs.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.platform.Moment;
import io.asyncjobs.testsupport.Fast;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The decisions of a node, on a clock that the test moves. */
@Fast
class DispatchStateTest {

    private static final Instant START = Instant.parse("2030-01-01T00:00:00Z");
    private static final Duration CALM = Duration.ofMillis(100);
    private static final int SLOTS = 10;

    private final UUID job = new UUID(0, 1);
    private final UUID other = new UUID(0, 2);
    private final Set<UUID> preferredElsewhere = new HashSet<>();
    private final DispatchState state =
            new DispatchState(SimulatedConfig.DEFAULTS, asked -> !preferredElsewhere.contains(asked));
    /** Milliseconds since the start. */
    private long now;

    private int slots = SLOTS;
    private Duration sinceRenewal = CALM;

    @BeforeEach
    void join() {
        state.started(moment());
    }

    @Test
    void nothing_is_claimed_and_nothing_starts_without_a_timer() {
        assertThat(nextClaim()).isEqualTo(new ClaimStep.Wait(Long.MAX_VALUE));
        assertThat(nextStart()).isEqualTo(new StartStep.Wait(OptionalLong.empty()));
    }

    @Test
    void a_job_is_claimed_shortly_before_its_tick_and_starts_at_the_tick() {
        timer(job, 1_000);

        assertThat(nextClaim()).isEqualTo(new ClaimStep.Wait(nanos(975)));
        now = 975;
        ClaimStep.Ask asked = ask();
        assertThat(asked.preferred()).containsExactly(job);
        assertThat(asked.others()).isEmpty();
        now = 980;
        won(asked, job, 1_000);

        assertThat(state.takeStarterWake()).isTrue();
        assertThat(nextStart()).isEqualTo(new StartStep.Wait(OptionalLong.of(nanos(1_000))));
        now = 1_000;
        assertThat(started()).containsExactly(job);
        assertThat(nextClaim()).as("it waits for its end").isEqualTo(new ClaimStep.Wait(Long.MAX_VALUE));
    }

    @Test
    void a_job_that_has_ended_is_claimed_for_its_next_tick() {
        run(job, 1_000);
        now = 1_500;

        state.slotFreed(moment());
        state.released(job, at(1_500));

        assertThat(state.takeClaimerWake()).isTrue();
        assertThat(nextClaim()).isEqualTo(new ClaimStep.Wait(nanos(2_000 - 25 - 1_500)));
    }

    @Test
    void a_tick_that_another_node_asks_for_first_is_left_to_it_for_a_while() {
        preferredElsewhere.add(job);
        timer(job, 1_000);

        now = 1_400;
        assertThat(nextClaim()).isEqualTo(new ClaimStep.Wait(nanos(25)));
        now = 1_450;
        ClaimStep.Ask asked = ask();
        assertThat(asked.preferred()).isEmpty();
        assertThat(asked.others()).containsExactly(job);
    }

    @Test
    void a_job_that_is_still_due_is_asked_for_again_soon() {
        timer(job, 1_000);
        now = 1_000;
        ClaimStep.Ask asked = ask();

        state.claimed(asked, new Claims.Answer(List.of(), Map.of(), List.of(job), List.of(), null), moment());

        assertThat(state.takeSuspects()).containsExactly(job);
        now = 1_250;
        assertThat(ask().preferred()).containsExactly(job);
    }

    @Test
    void a_failed_claim_is_repeated_until_the_database_answers() {
        timer(job, 1_000);
        for (now = 1_000; now < 4_000; now += 500) {
            ClaimStep.Ask asked = ask();
            assertThat(asked.jobs()).containsExactly(job);
            boolean first = state.claimed(asked, Claims.Answer.failed(asked.jobs(), failure()), moment());
            assertThat(first).isEqualTo(now == 1_000);
            assertThat(state.trouble(moment())).contains("Claims fail; the log has more.");
        }

        won(ask(), job, 4_000);

        assertThat(state.trouble(moment())).isEmpty();
        assertThat(state.takeSuspects()).isEmpty();
    }

    @Test
    void a_claim_without_an_answer_is_trouble_after_a_second() {
        timer(job, 1_000);
        now = 1_000;
        ask();

        now = 1_900;
        assertThat(state.trouble(moment())).isEmpty();
        now = 2_100;
        assertThat(state.trouble(moment())).contains("The database does not answer a claim.");
    }

    @Test
    void a_run_without_a_place_is_given_back_a_second_after_its_tick_and_the_tick_is_due_again() {
        timer(job, 1_000);
        now = 1_000;
        ClaimStep.Ask asked = ask();
        Claim claim = won(asked, job, 1_000);
        slots = 0;

        now = 1_500;
        assertThat(nextStart()).isInstanceOf(StartStep.Wait.class);
        assertThat(state.takeClaimerWake()).isFalse();
        now = 2_010;
        assertThat(nextStart()).isInstanceOf(StartStep.Wait.class);
        assertThat(state.takeClaimerWake()).isTrue();
        assertThat(nextClaim()).isEqualTo(new ClaimStep.GiveBack(List.of(claim)));

        state.gaveBack(List.of(claim), List.of(), moment());
        slots = SLOTS;
        assertThat(ask().preferred()).containsExactly(job);
    }

    @Test
    void what_cannot_be_given_back_is_tried_again_and_keeps_no_claim() {
        timer(job, 1_000);
        timer(other, 1_210);
        now = 1_000;
        Claim claim = won(ask(), job, 1_000);
        state.withdraw(job);

        assertThat(nextClaim()).isEqualTo(new ClaimStep.GiveBack(List.of(claim)));
        state.giveBackFailed(List.of(claim), moment());
        now = 1_200;
        won(ask(), other, 1_210);
        now = 1_250;
        assertThat(nextClaim()).isEqualTo(new ClaimStep.GiveBack(List.of(claim)));
    }

    @Test
    void a_job_that_changes_while_its_claim_is_under_way_does_not_start() {
        timer(job, 1_000);
        now = 1_000;
        ClaimStep.Ask asked = ask();
        state.withdraw(job);

        Claim claim = won(asked, job, 1_000);

        assertThat(nextClaim()).isEqualTo(new ClaimStep.GiveBack(List.of(claim)));
        assertThat(nextStart()).isInstanceOf(StartStep.Wait.class);
    }

    @Test
    void a_fenced_node_gives_back_what_it_claimed_once_it_goes_on() {
        timer(job, 1_000);
        now = 1_000;
        Claim claim = won(ask(), job, 1_000);

        state.fenced(true, moment());

        assertThat(nextClaim()).isEqualTo(new ClaimStep.Wait(Long.MAX_VALUE));
        assertThat(nextStart()).isInstanceOf(StartStep.Wait.class);
        assertThat(state.trouble(moment())).contains("This node has lost contact with the database.");
        state.takeClaimerWake();
        state.fenced(false, moment());
        assertThat(state.takeClaimerWake()).isTrue();
        assertThat(nextClaim()).isEqualTo(new ClaimStep.GiveBack(List.of(claim)));
    }

    @Test
    void a_node_whose_heartbeat_is_late_starts_nothing() {
        timer(job, 1_000);
        now = 1_000;
        Claim claim = won(ask(), job, 1_000);

        sinceRenewal = Duration.ofSeconds(4);

        assertThat(nextStart()).isInstanceOf(StartStep.Wait.class);
        assertThat(nextClaim()).isEqualTo(new ClaimStep.GiveBack(List.of(claim)));
    }

    @Test
    void no_more_is_claimed_than_there_are_places() {
        slots = 1;
        timer(job, 1_000);
        timer(other, 1_000);
        now = 1_000;
        ClaimStep.Ask asked = ask();
        assertThat(asked.jobs()).hasSize(1);

        won(asked, asked.jobs().getFirst(), 1_000);

        assertThat(nextClaim()).isEqualTo(new ClaimStep.Wait(nanos(10)));
    }

    @Test
    void a_timer_that_is_gone_is_not_asked_for() {
        timer(job, 1_000);
        timer(other, 1_000);

        state.reconciled(List.of(row(job, 1_000, null)), false);
        now = 1_000;
        assertThat(ask().jobs()).containsExactly(other);
        state.reconciled(List.of(), true);
        assertThat(state.tally().count()).isZero();
    }

    // ---- The clock and the node ----

    private Moment moment() {
        return new Moment(at(now), nanos(now));
    }

    private static Instant at(long millis) {
        return START.plusMillis(millis);
    }

    private static long nanos(long millis) {
        return millis * 1_000_000;
    }

    private ClaimStep nextClaim() {
        return state.nextClaim(moment(), () -> slots);
    }

    private ClaimStep.Ask ask() {
        ClaimStep step = nextClaim();
        assertThat(step).isInstanceOf(ClaimStep.Ask.class);
        return (ClaimStep.Ask) step;
    }

    private StartStep nextStart() {
        return state.nextStart(moment(), () -> slots, sinceRenewal);
    }

    private List<UUID> started() {
        StartStep step = nextStart();
        if (step instanceof StartStep.Wait) {
            // A tick waits two milliseconds for the next one
            now += 2;
            step = nextStart();
        }
        assertThat(step).isInstanceOf(StartStep.Start.class);
        return ((StartStep.Start) step).claims().stream().map(Claim::jobId).toList();
    }

    private Claim won(ClaimStep.Ask asked, UUID won, long tick) {
        Claim claim = new Claim(new UUID(1, tick), won, 1, 1, RunTrigger.TIMER, at(tick), null);
        state.claimed(asked, new Claims.Answer(List.of(claim), Map.of(), List.of(), List.of(), null), moment());
        return claim;
    }

    private void run(UUID started, long tick) {
        timer(started, tick);
        now = tick;
        won(ask(), started, tick);
        assertThat(started()).containsExactly(started);
        nextClaim();
    }

    private void timer(UUID of, long tick) {
        state.reconciled(List.of(row(of, tick, at(tick))), false);
        state.takeClaimerWake();
    }

    private static TimerRepository.Row row(UUID of, long tick, @Nullable Instant next) {
        return new TimerRepository.Row(new Timer(of, START, at(tick), 1), next, false, false);
    }

    private static RuntimeException failure() {
        return new IllegalStateException(new SQLTransientConnectionException("simulated", "08006"));
    }
}

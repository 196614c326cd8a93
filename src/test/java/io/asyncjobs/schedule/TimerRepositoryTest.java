package io.asyncjobs.schedule;

import static io.asyncjobs.testsupport.Api.createJob;
import static io.asyncjobs.testsupport.Api.ticks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.testsupport.DatabaseResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How timers follow the table of jobs. The dispatcher stands still, so that no tick is claimed. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class TimerRepositoryTest {

    private static final int INTERVAL = 60;

    record Row(
            Instant basis,
            Instant anchor,
            int interval,
            boolean paused,
            @Nullable Instant nextTick) {}

    @Inject
    TimerRepository timers;

    @Inject
    Dispatcher dispatcher;

    @Inject
    Jdbi jdbi;

    @Inject
    DatabaseClock clock;

    @BeforeEach
    void keepTheDispatcherStill() {
        dispatcher.fence(true);
    }

    @AfterEach
    void letTheDispatcherGo() {
        dispatcher.fence(false);
    }

    @Test
    void new_timer_has_its_first_tick_inside_the_first_interval() {
        for (int i = 0; i < 20; i++) {
            Row row = row(job());

            assertThat(Duration.between(row.basis(), row.anchor()))
                    .isPositive()
                    .isLessThanOrEqualTo(Duration.ofSeconds(INTERVAL));
            assertThat(row.nextTick()).isEqualTo(row.anchor());
        }
    }

    @Test
    void archived_job_has_no_tick_and_what_was_due_before_is_accounted_for() {
        UUID job = job();
        Instant changed = tenIntervalsAgo(job);

        change(job, changed, "archived = true");

        assertThat(row(job).nextTick()).isNull();
        assertThat(ticks(job.toString()).getMap("gaps")).containsEntry("stalled", 3);
    }

    @Test
    void change_that_becomes_visible_after_later_ones_is_told_by_the_sums() {
        UUID job = job();
        Instant changed = tenIntervalsAgo(job);
        Instant since = changed.minusSeconds(10 * INTERVAL);
        job();
        TimerTally read = read(since);
        assertThat(timers.changedSince(since)).isEqualTo(read);

        jdbi.useHandle(handle -> handle.execute(
                "update job set schedule_changed_at = ? where id = ?", changed.atOffset(ZoneOffset.UTC), job));

        assertThat(timers.changedSince(since)).isNotEqualTo(read).isEqualTo(read(since));
    }

    private TimerTally read(Instant since) {
        return TimerTally.of(timers.synchronize(since).stream()
                .map(TimerRepository.Row::timer)
                .toList());
    }

    @Test
    void unarchived_job_starts_on_a_new_grid() {
        UUID job = job();
        Instant changed = tenIntervalsAgo(job);
        change(job, changed, "archived = true");

        change(job, changed.plusSeconds(7), "archived = false");

        Row row = row(job);
        assertThat(row.nextTick()).isEqualTo(row.anchor()).isAfter(changed.plusSeconds(7));
        assertThat(ticks(job.toString()).getMap("gaps")).containsEntry("stalled", 3);
    }

    @Test
    void changed_interval_loses_no_tick_of_the_old_grid_and_the_latest_that_was_due_still_runs() {
        UUID job = job();
        Instant changed = tenIntervalsAgo(job);

        change(job, changed, "poll_interval_seconds = 7");

        Row row = row(job);
        assertThat(row.interval()).isEqualTo(7);
        assertThat(row.nextTick())
                .as("29 s before the change, the third that was due")
                .isEqualTo(changed.minusSeconds(29));
        assertThat(row.anchor()).isEqualTo(row.nextTick());
        assertThat(gaps(job)).containsEntry("stalled", 2);
    }

    @Test
    void job_that_is_paused_before_it_gets_its_grid_has_had_ticks() {
        UUID job = job();
        Instant archived = clock.now().minusSeconds(100_000).truncatedTo(ChronoUnit.MILLIS);
        jdbi.useHandle(handle -> handle.execute(
                "update job_timer set basis = ?, next_tick = null where job_id = ?",
                archived.atOffset(ZoneOffset.UTC),
                job));
        Instant unarchived = archived.plusSeconds(1_000);
        jdbi.useHandle(handle -> handle.execute(
                "update job_revision set saved_at = ? where job_id = ?", unarchived.atOffset(ZoneOffset.UTC), job));
        Instant paused = unarchived.plusSeconds(10 * INTERVAL);

        change(job, paused, "paused_at = now()");

        Row row = row(job);
        assertThat(row.anchor()).isBetween(unarchived, unarchived.plusSeconds(INTERVAL));
        assertThat(row.nextTick()).isBetween(paused, paused.plusSeconds(INTERVAL));
        assertThat(gaps(job)).containsEntry("stalled", 10);
        change(job, paused.plusSeconds(1), "poll_interval_seconds = poll_interval_seconds");
        assertThat(gaps(job)).as("counted once").containsEntry("stalled", 10);
    }

    @Test
    void ticks_that_a_new_interval_would_have_had_before_the_change_never_fell_due() {
        UUID job = job();
        Instant changed = tenIntervalsAgo(job);
        change(job, changed, "poll_interval_seconds = 7");

        change(job, changed.plusSeconds(20), "poll_interval_seconds = 5");

        assertThat(row(job).nextTick()).as("the latest that was due").isEqualTo(changed.plusSeconds(20));
        assertThat(gaps(job))
                .as("three of the first grid, and those 6 s and 13 s after the change")
                .containsEntry("stalled", 5);
    }

    @Test
    void interval_that_is_changed_back_before_the_tick_brings_the_same_tick_back() {
        Instant last = clock.now().minusSeconds(288).truncatedTo(ChronoUnit.MILLIS);
        UUID job = ranLastAt(last, 300);

        change(job, last.plusSeconds(288), "poll_interval_seconds = 299");
        assertThat(row(job).nextTick()).isEqualTo(last.plusSeconds(299));

        change(job, last.plusMillis(288_500), "poll_interval_seconds = 300");
        assertThat(row(job).nextTick()).isEqualTo(last.plusSeconds(300));
        assertThat(gaps(job)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "60, 20, 10, 20, the new tick is still to come",
        "300, 10, 205, 210, the grid of the new interval goes on from the last tick",
        "60, 100, 50, 100, the longer interval counts from the last tick",
        "60, 300, 48, 60, a tick that is near is not put off for minutes",
        "300, 299, 299.5, 300, the old tick stays where the new one has just passed",
        "10, 7, 8, 10, and so here",
    })
    void changed_interval_counts_from_the_last_tick(int before, int after, double changed, int next, String why) {
        Instant last = clock.now().minusSeconds(600).truncatedTo(ChronoUnit.MILLIS);
        UUID job = ranLastAt(last, before);

        change(job, last.plusMillis((long) (changed * 1000)), "poll_interval_seconds = " + after);

        Row row = row(job);
        assertThat(row.nextTick()).as(why).isEqualTo(last.plusSeconds(next));
        assertThat(Duration.between(row.anchor(), row.nextTick()).toSeconds() % after)
                .as("the tick lies on its grid")
                .isZero();
        assertThat(gaps(job)).isEmpty();
    }

    @Test
    void interval_of_a_running_job_counts_from_the_tick_that_runs() {
        Instant last = clock.now().minusSeconds(600).truncatedTo(ChronoUnit.MILLIS);
        UUID job = ranLastAt(last, 10);

        // In one transaction: a lease of nobody is ended as soon as a heartbeat sees it
        jdbi.useTransaction(handle -> {
            handle.execute(
                    "update job_timer set lease_run = gen_random_uuid(), lease_node = gen_random_uuid() where job_id = ?",
                    job);
            handle.execute(
                    "update job set poll_interval_seconds = 300, schedule_changed_at = ? where id = ?",
                    last.plusSeconds(25).atOffset(ZoneOffset.UTC),
                    job);
            TimerRepository.match(handle, job);
            handle.execute("update job_timer set lease_run = null, lease_node = null where job_id = ?", job);
        });

        assertThat(row(job).nextTick()).isEqualTo(last.plusSeconds(320));
        assertThat(gaps(job)).as("while it ran").containsEntry("overlap", 2);
    }

    @Test
    void first_tick_stays_however_often_the_interval_changes_before_it() {
        UUID job = job();
        Instant made = clock.now().minusSeconds(100).truncatedTo(ChronoUnit.MILLIS);
        Instant tick = made.plusSeconds(30);
        jdbi.useHandle(handle -> handle.createUpdate(
                        "update job_timer set basis = :made, anchor = :tick, next_tick = :tick where job_id = :job")
                .bind("made", made.atOffset(ZoneOffset.UTC))
                .bind("tick", tick.atOffset(ZoneOffset.UTC))
                .bind("job", job)
                .execute());
        for (int i = 1; i <= 10; i++) {
            change(job, made.plusMillis(i), "poll_interval_seconds = " + (i % 2 == 0 ? INTERVAL : INTERVAL + 1));
            assertThat(row(job).nextTick()).isEqualTo(tick);
        }

        change(job, tick.minusMillis(2_500), "poll_interval_seconds = 1");
        assertThat(row(job).nextTick())
                .as("nobody waits longer than the new interval")
                .isEqualTo(tick.minusSeconds(2));
        assertThat(gaps(job)).isEmpty();
    }

    @Test
    void interval_toggled_every_twenty_seconds_keeps_nothing_from_running() {
        Instant last = clock.now().minusSeconds(700).truncatedTo(ChronoUnit.MILLIS);
        UUID job = ranLastAt(last, 300);
        int runs = 0;
        for (int second = 7; second < 667; second += 20) {
            Instant at = last.plusSeconds(second);
            runs += ranUntil(job, at);
            change(job, at, "poll_interval_seconds = " + (second % 40 == 7 ? 299 : 300));
        }

        assertThat(runs).as("in eleven minutes").isEqualTo(2);
    }

    @Test
    void however_often_the_interval_changes_the_job_runs_within_five_minutes_and_no_tick_comes_twice() {
        long seed = 19;
        Random random = new Random(seed);
        for (int round = 0; round < 20; round++) {
            Instant now = clock.now().minusSeconds(100_000).truncatedTo(ChronoUnit.MILLIS);
            int interval = 1 + random.nextInt(300);
            UUID job = ranLastAt(now, interval);
            Instant last = now;
            for (int i = 0; i < 100; i++) {
                // Often a moment before the tick or after another interval would have had one
                Instant next = Objects.requireNonNull(row(job).nextTick());
                long left = Duration.between(now, next).toMillis();
                now = now.plusMillis(
                        1 + (random.nextBoolean() ? Math.max(0, left - random.nextInt(2000)) : random.nextInt(20_000)));
                while (!next.isAfter(now)) {
                    assertThat(next).as("seed %d, job %s", seed, job).isAfter(last);
                    assertThat(Duration.between(last, next))
                            .as("seed %d, job %s", seed, job)
                            .isLessThanOrEqualTo(Duration.ofSeconds(300));
                    last = next;
                    ran(job);
                    next = Objects.requireNonNull(row(job).nextTick());
                }
                interval = random.nextInt(3) > 0
                        ? Math.max(1, Math.min(300, interval + random.nextInt(-20, 21)))
                        : 1 + random.nextInt(300);
                change(job, now, "poll_interval_seconds = " + interval);
            }
            assertThat(gaps(job)).isEmpty();
        }
    }

    /** A job whose run of that tick has ended, and nothing since. */
    private UUID ranLastAt(Instant last, int interval) {
        UUID job = job();
        jdbi.useHandle(handle -> {
            handle.createUpdate(
                            "update job set schedule_changed_at = :made, poll_interval_seconds = :interval where id = :job")
                    .bind("made", last.minusSeconds(3_000).atOffset(ZoneOffset.UTC))
                    .bind("interval", interval)
                    .bind("job", job)
                    .execute();
            handle.createUpdate("""
                            update job_timer
                            set basis = :made, anchor = :tick, interval_seconds = :interval,
                                next_tick = tick_after(:last, :interval, 1)
                            where job_id = :job
                            """)
                    .bind("made", last.minusSeconds(3_000).atOffset(ZoneOffset.UTC))
                    .bind("tick", last.minusSeconds(10L * interval).atOffset(ZoneOffset.UTC))
                    .bind("last", last.atOffset(ZoneOffset.UTC))
                    .bind("interval", interval)
                    .bind("job", job)
                    .execute();
        });
        return job;
    }

    /** Lets the job run at each tick up to then; returns how often. */
    private int ranUntil(UUID job, Instant at) {
        int runs = 0;
        while (!Objects.requireNonNull(row(job).nextTick()).isAfter(at)) {
            ran(job);
            runs++;
        }
        return runs;
    }

    /** As a claim moves the timer on. */
    private void ran(UUID job) {
        jdbi.useHandle(handle -> handle.execute(
                "update job_timer set next_tick = tick_after(next_tick, interval_seconds, 1) where job_id = ?", job));
    }

    private Map<String, Integer> gaps(UUID job) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select reason, sum(ticks)::integer as ticks from tick_gap where job_id = :job group by 1")
                .bind("job", job)
                .reduceRows(new HashMap<>(), (gaps, row) -> {
                    gaps.put(row.getColumn("reason", String.class), row.getColumn("ticks", Integer.class));
                    return gaps;
                }));
    }

    @Test
    void pause_keeps_the_grid_and_its_ticks_have_that_reason() {
        UUID job = job();
        Instant changed = tenIntervalsAgo(job);
        Instant anchor = row(job).anchor();

        change(job, changed, "paused_at = now()");
        Row paused = row(job);
        change(job, changed.plusSeconds(4 * INTERVAL), "paused_at = null");

        assertThat(paused.paused()).isTrue();
        Row row = row(job);
        assertThat(row.paused()).isFalse();
        assertThat(row.anchor()).isEqualTo(anchor);
        assertThat(Duration.between(anchor, row.nextTick()).toSeconds() % INTERVAL)
                .isZero();
        assertThat(ticks(job.toString()).getMap("gaps"))
                .containsEntry("stalled", 3)
                .containsEntry("paused", 4);
    }

    @Test
    void change_that_is_known_already_changes_nothing() {
        UUID job = job();
        Instant changed = tenIntervalsAgo(job);
        change(job, changed, "poll_interval_seconds = 7");
        Row before = row(job);

        timers.synchronize(Instant.EPOCH);

        assertThat(row(job)).isEqualTo(before);
    }

    /** A job with its timer made. */
    private UUID job() {
        UUID job = UUID.fromString(createJob(INTERVAL, "return 1").getString("id"));
        await().atMost(Duration.ofSeconds(30))
                .until(() -> jdbi.withHandle(
                        handle -> handle.createQuery("select count(*) from job_timer where job_id = :job")
                                        .bind("job", job)
                                        .mapTo(Integer.class)
                                        .one()
                                > 0));
        return job;
    }

    /**
     * Makes job and timer as if made ten intervals ago and nobody had looked since; answers an instant by which three ticks
     * were due.
     */
    private Instant tenIntervalsAgo(UUID job) {
        Instant made = clock.now().minusSeconds(10 * INTERVAL);
        jdbi.useHandle(handle -> {
            handle.createUpdate("update job set schedule_changed_at = :made where id = :job")
                    .bind("made", made.atOffset(ZoneOffset.UTC))
                    .bind("job", job)
                    .execute();
            handle.createUpdate(
                            "update job_timer set basis = :made, anchor = :tick, next_tick = :tick where job_id = :job")
                    .bind("made", made.atOffset(ZoneOffset.UTC))
                    .bind("tick", made.plusSeconds(1).atOffset(ZoneOffset.UTC))
                    .bind("job", job)
                    .execute();
        });
        return made.plusSeconds(2 * INTERVAL + 30);
    }

    private void change(UUID job, Instant at, String what) {
        jdbi.useHandle(
                handle -> handle.createUpdate("update job set " + what + ", schedule_changed_at = :at where id = :job")
                        .bind("at", at.atOffset(ZoneOffset.UTC))
                        .bind("job", job)
                        .execute());
        timers.match(job);
    }

    private Row row(UUID job) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select basis, anchor, interval_seconds, paused, next_tick from job_timer where job_id = :job")
                .bind("job", job)
                .map((row, context) -> {
                    OffsetDateTime next = row.getObject("next_tick", OffsetDateTime.class);
                    return new Row(
                            row.getObject("basis", OffsetDateTime.class).toInstant(),
                            row.getObject("anchor", OffsetDateTime.class).toInstant(),
                            row.getInt("interval_seconds"),
                            row.getBoolean("paused"),
                            next == null ? null : next.toInstant());
                })
                .one());
    }
}

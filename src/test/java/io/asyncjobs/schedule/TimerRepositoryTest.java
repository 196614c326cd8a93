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
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
    void changed_interval_makes_a_new_grid_and_loses_no_tick_of_the_old_one() {
        UUID job = job();
        Instant changed = tenIntervalsAgo(job);

        change(job, changed, "poll_interval_seconds = 7");

        Row row = row(job);
        assertThat(row.interval()).isEqualTo(7);
        assertThat(Duration.between(changed, row.anchor())).isPositive().isLessThanOrEqualTo(Duration.ofSeconds(7));
        assertThat(ticks(job.toString()).getMap("gaps")).containsEntry("stalled", 3);
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
        timers.synchronize(at);
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

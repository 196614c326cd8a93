package io.asyncjobs.run.ledger;

import static io.asyncjobs.testsupport.Api.api;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.hamcrest.Matchers.equalTo;

import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.run.PastJob;
import io.asyncjobs.testsupport.DatabaseResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the ledger makes of runs and gaps that are there themselves. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class LedgerTest {

    @Inject
    Jdbi jdbi;

    @Inject
    DatabaseClock clock;

    private Instant start;

    @BeforeEach
    void tenMinutesAgo() {
        start = clock.now().truncatedTo(ChronoUnit.MINUTES).minusSeconds(600);
    }

    @Test
    void every_tick_ran_or_is_in_a_gap() {
        PastJob job = new PastJob(jdbi, 10);
        for (int tick = 0; tick < 20; tick++) {
            job.ran(start.plusSeconds(tick * 10L), "succeeded", Duration.ofMillis(100));
        }
        job.gap(start.plusSeconds(200), 5, "overlap");
        job.gap(start.plusSeconds(250), 3, "down");
        Instant late = start.plusSeconds(280);
        job.run(late, late.plusMillis(1_500), late.plusSeconds(3), "failed", "timer");
        job.run(late.plusSeconds(5), late.plusSeconds(5), late.plusSeconds(6), "succeeded", "manual");

        TicksView ledger = ticks(job.id(), start, start.plusSeconds(600));

        assertThat(ledger.ran()).isEqualTo(21);
        assertThat(ledger.late()).isEqualTo(1);
        assertThat(ledger.gaps()).isEqualTo(Map.of("overlap", 5L, "down", 3L));
        assertThat(ledger.expected()).isEqualTo(29);
        assertThat(ledger.configuredIntervalSeconds()).isEqualTo(10);
        assertThat(ledger.effectiveIntervalSeconds()).isEqualTo(280.0 / 20);
    }

    @Test
    void window_cuts_gaps_to_the_ticks_within() {
        PastJob job = new PastJob(jdbi, 10);
        job.gap(start, 30, "paused");
        job.ran(start.plusSeconds(300), "succeeded", Duration.ofMillis(5));

        assertThat(ticks(job.id(), start.plusSeconds(100), start.plusSeconds(200))
                        .gaps())
                .isEqualTo(Map.of("paused", 10L));
        assertThat(ticks(job.id(), start.plusSeconds(290), start.plusSeconds(300))
                        .expected())
                .isEqualTo(1);
        assertThat(ticks(job.id(), start.plusSeconds(291), start.plusSeconds(301))
                        .ran())
                .isEqualTo(1);
        assertThat(ticks(job.id(), start.plusSeconds(301), start.plusSeconds(311))
                        .expected())
                .isZero();
    }

    @Test
    void run_that_was_lost_before_it_started_is_a_gap_and_one_that_had_started_ran() {
        PastJob job = new PastJob(jdbi, 10);
        job.run(start, null, start.plusSeconds(5), "lost", "timer");
        job.run(start.plusSeconds(10), start.plusSeconds(10), start.plusSeconds(15), "lost", "timer");

        TicksView ledger = ticks(job.id(), start, start.plusSeconds(60));

        assertThat(ledger.ran()).isEqualTo(1);
        assertThat(ledger.gaps()).isEqualTo(Map.of("lost", 1L));
        assertThat(ledger.durationMillis().p50())
                .as("nobody knows when it ended")
                .isNull();
    }

    @Test
    void percentiles_are_right_to_a_few_percent_and_longer_than_the_interval_is_warned_of() {
        PastJob job = new PastJob(jdbi, 1);
        for (int tick = 0; tick < 100; tick++) {
            job.ran(start.plusSeconds(tick * 2L), "succeeded", Duration.ofMillis(tick < 90 ? 20 : 1_500));
        }

        TicksView ledger = ticks(job.id(), start, start.plusSeconds(600));

        assertThat(ledger.durationMillis().p50()).isCloseTo(20, within(0.9));
        assertThat(ledger.durationMillis().p95()).isCloseTo(1_500, within(70.0));
        assertThat(ledger.durationMillis().p99()).isCloseTo(1_500, within(70.0));
        assertThat(ledger.driftWarning()).contains("longer than the interval of 1 s");
        assertThat(ticks(job.id(), start, start.plusSeconds(100)).driftWarning())
                .isNull();
    }

    @Test
    void series_has_each_tick_in_its_bucket() {
        PastJob job = new PastJob(jdbi, 10);
        for (int tick = 0; tick < 6; tick++) {
            job.ran(start.plusSeconds(tick * 10L), "succeeded", Duration.ofMillis(100));
        }
        job.gap(start.plusSeconds(60), 12, "stalled");
        Instant late = start.plusSeconds(190);
        job.run(late, late.plusSeconds(2), late.plusSeconds(3), "failed", "timer");

        TickSeriesView series = series(job.id(), start, start.plusSeconds(300), 5);

        assertThat(series.from()).isEqualTo(start);
        assertThat(series.bucketSeconds()).isEqualTo(60);
        assertThat(series.configuredIntervalSeconds()).isEqualTo(10);
        assertThat(series.buckets())
                .extracting(TickSeriesView.Bucket::from)
                .containsExactly(
                        start,
                        start.plusSeconds(60),
                        start.plusSeconds(120),
                        start.plusSeconds(180),
                        start.plusSeconds(240));
        assertThat(series.buckets()).extracting(TickSeriesView.Bucket::ran).containsExactly(6L, 0L, 0L, 1L, 0L);
        assertThat(series.buckets())
                .extracting(TickSeriesView.Bucket::gaps)
                .containsExactly(Map.of(), Map.of("stalled", 6L), Map.of("stalled", 6L), Map.of(), Map.of());
        assertThat(series.buckets()).extracting(TickSeriesView.Bucket::late).containsExactly(0L, 0L, 0L, 1L, 0L);
        assertThat(series.buckets().getFirst().durationMillis().p95()).isCloseTo(100, within(4.5));
        assertThat(series.buckets().getLast().durationMillis().p50()).isNull();
    }

    @Test
    void series_of_a_long_window_has_buckets_of_hours() {
        PastJob job = new PastJob(jdbi, 10);
        job.ran(start, "succeeded", Duration.ofMillis(100));

        TickSeriesView day = series(job.id(), start.minus(Duration.ofDays(1)), start.plusSeconds(60), 500);
        TickSeriesView month = series(job.id(), start.minus(Duration.ofDays(30)), start.plusSeconds(60), 40);

        assertThat(day.bucketSeconds()).isEqualTo(3_600);
        assertThat(day.buckets()).hasSizeBetween(25, 26);
        assertThat(month.bucketSeconds()).isEqualTo(86_400);
        assertThat(List.of(day, month)).allSatisfy(series -> assertThat(series.buckets())
                .extracting(TickSeriesView.Bucket::expected)
                .endsWith(1L)
                .containsOnly(0L, 1L));
    }

    @Test
    void window_ends_in_the_last_year_that_an_instant_may_have() {
        UUID job = new PastJob(jdbi, 10).id();

        for (String path : List.of("/jobs/{job}/ticks", "/jobs/{job}/ticks/series")) {
            api().queryParam("to", "9999-12-31T23:59:59Z").get(path, job).then().statusCode(200);
        }
        for (String path : List.of("/jobs/{job}/ticks", "/jobs/{job}/ticks/series", "/jobs/{job}/runs")) {
            api().queryParam("from", "+300000-01-01T00:00:00Z")
                    .get(path, job)
                    .then()
                    .statusCode(400)
                    .body("violations.field", equalTo(List.of("from")));
        }
    }

    @Test
    void window_that_is_none_and_a_number_of_buckets_that_is_none_are_refused() {
        UUID job = new PastJob(jdbi, 10).id();

        api().queryParam("from", "2026-01-02T00:00:00Z")
                .queryParam("to", "2026-01-01T00:00:00Z")
                .get("/jobs/{job}/ticks/series", job)
                .then()
                .statusCode(400);
        api().queryParam("buckets", 0)
                .get("/jobs/{job}/ticks/series", job)
                .then()
                .statusCode(400);
        api().queryParam("buckets", 501)
                .get("/jobs/{job}/ticks/series", job)
                .then()
                .statusCode(400);
        api().get("/jobs/{job}/ticks/series", "no such job").then().statusCode(404);
    }

    private static TicksView ticks(UUID job, Instant from, Instant to) {
        return api().queryParam("from", from.toString())
                .queryParam("to", to.toString())
                .get("/jobs/{job}/ticks", job)
                .then()
                .statusCode(200)
                .extract()
                .as(TicksView.class);
    }

    private static TickSeriesView series(UUID job, Instant from, Instant to, int buckets) {
        return api().queryParam("from", from.toString())
                .queryParam("to", to.toString())
                .queryParam("buckets", buckets)
                .get("/jobs/{job}/ticks/series", job)
                .then()
                .statusCode(200)
                .extract()
                .as(TickSeriesView.class);
    }
}

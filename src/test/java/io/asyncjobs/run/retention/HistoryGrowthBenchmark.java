package io.asyncjobs.run.retention;

import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.run.PastJob;
import io.asyncjobs.run.history.RunHistory;
import io.asyncjobs.run.ledger.Ledger;
import io.asyncjobs.testsupport.DatabaseResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

/**
 * Measures, when asked for by name: {@code -Dtest=HistoryGrowthBenchmark}. Hours of 1,000 jobs on an interval of a second, in
 * rows, and what upkeep makes of them. What it prints is in docs/benchmarks.md.
 */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
@TestProfile(HistoryGrowthBenchmark.NoUpkeepByItself.class)
class HistoryGrowthBenchmark {

    private static final int JOBS = Integer.getInteger("jobs", 1_000);
    private static final int HOURS = Integer.getInteger("hours", 8);
    private static final int LEDGER_DAYS = 30;
    private static final int CALLS = 40;
    private static final Duration HOUR = Duration.ofHours(1);

    @Inject
    Jdbi jdbi;

    @Inject
    HistoryConfig config;

    @Inject
    RunHistory history;

    @Inject
    Ledger ledger;

    @Inject
    DatabaseClock clock;

    private final Random random = new Random(1);

    /** The hours of this test lie ahead of the clock. */
    public static class NoUpkeepByItself implements QuarkusTestProfile {

        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("asyncjobs.history.upkeep-every", "1000h");
        }
    }

    @Test
    void hours_of_fast_jobs() {
        List<UUID> jobs = IntStream.range(0, JOBS)
                .mapToObj(number -> new PastJob(jdbi, 1).id())
                .toList();
        HistoryConnections connections = new HistoryConnections(jdbi);
        RunPartitions partitions = new RunPartitions(connections, config);
        TickRollUp rollUp = new TickRollUp(connections);
        RunRetention retention = new RunRetention(connections, config);
        // The first partition, made before anybody knows how fast runs come, ends after an hour
        long halfDay = Duration.ofHours(12).toSeconds();
        Instant start = Instant.ofEpochSecond(Math.ceilDiv(clock.now().getEpochSecond(), halfDay) * halfDay)
                .plus(Duration.ofHours(11));
        beginAt(start);
        addLedgerOfThePast(start);
        System.out.println("""
                | hour | runs so far | runs on record | history, MB | load, s | roll-up, s | clearing, s \
                | list, ms | ledger of a day, ms | of 30 days, ms | series of a day, ms | of 2 hours, ms |
                |---|---|---|---|---|---|---|---|---|---|---|---|""");
        for (int hour = 0; hour < HOURS; hour++) {
            Instant from = start.plus(HOUR.multipliedBy(hour));
            Instant now = from.plus(HOUR).plusSeconds(720);
            partitions.make(from);
            double load = seconds(() -> load(from));
            vacuum();
            partitions.make(from.plusSeconds(1_800));
            double rolling = seconds(() -> rollUp.catchUp(now));
            double clearing = seconds(() -> retention.clear(now));
            Instant to = from.plus(HOUR);
            System.out.printf(
                    "| %d | %,d | %,d | %,d | %.0f | %.1f | %.1f | %s | %s | %s | %s | %s |%n",
                    hour + 1,
                    3_600L * JOBS * (hour + 1),
                    number("select count(*) from run_history"),
                    number("""
                            select sum(pg_total_relation_size(oid)) / 1000000
                            from pg_class
                            where relkind = 'r' and relname ~ '^(run|run_log|tick_hour|tick_gap)(_|$)'
                            """),
                    load,
                    rolling,
                    clearing,
                    millis(
                            jobs,
                            job -> history.ofJob(
                                    job, new RunHistory.Filter(null, null, null), PageRequest.of(0, 50, "-id"))),
                    millis(jobs, job -> ledger.ticks(job, to.minus(Duration.ofDays(1)), to)),
                    millis(jobs, job -> ledger.ticks(job, to.minus(Duration.ofDays(LEDGER_DAYS)), to)),
                    millis(jobs, job -> ledger.series(job, to.minus(Duration.ofDays(1)), to, 48)),
                    millis(jobs, job -> ledger.series(job, to.minus(Duration.ofHours(2)), to, 60)));
        }
    }

    /** Nothing is there yet, and everything is rolled up until then. */
    private void beginAt(Instant start) {
        jdbi.useHandle(handle -> {
            for (String name : handle.createQuery("select name from history_partition")
                    .mapTo(String.class)
                    .list()) {
                handle.execute("drop table run_" + name + ", run_log_" + name);
            }
            handle.execute("delete from history_partition");
            handle.createUpdate("update history_progress set rolled_until = :start, details_from = :start")
                    .bind("start", utc(start))
                    .execute();
        });
    }

    private void addLedgerOfThePast(Instant start) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        insert into tick_hour (job_id, hour, ran, late, first_tick, last_tick, duration_slots, duration_counts)
                        select j.id, h, 3600, 0, h, h + interval '3599 s',
                            array(select s::smallint from generate_series(120, 139) s), array_fill(180, array[20])
                        from generate_series(cast(:start as timestamptz) - make_interval(days => :days),
                                cast(:start as timestamptz) - interval '1 hour', interval '1 hour') h
                            cross join job j
                        where j.poll_interval_seconds = 1
                        """)
                .bind("start", utc(start))
                .bind("days", LEDGER_DAYS)
                .execute());
    }

    /** An hour of all jobs: each tick ran, one in a thousand failed, one in ten said something. */
    private void load(Instant from) {
        new HistoryConnections(jdbi)
                .inTransaction(handle ->
                        handle.createUpdate("""
                        with tick as materialized (
                            select n, j.id as job_id,
                                cast(:from as timestamptz) + make_interval(secs => n + (hashtext(j.id::text) & 1023) / 1024.0)
                                    as at
                            from generate_series(0, 3599) n
                                cross join job j
                            where j.poll_interval_seconds = 1
                        ), ran as (
                            insert into run (id, job_id, revision, trigger, scheduled_for, started_at, finished_at, outcome,
                                node_id, epoch, result)
                            select overlay(gen_random_uuid()::text placing left(uuid_v7_floor(at)::text, 15) from 1 for 15)::uuid,
                                job_id, 1, 'timer', at, at + interval '2 ms',
                                at + interval '2 ms' + random() * interval '20 ms',
                                case when random() < 0.001 then 'failed' else 'succeeded' end, job_id, n, '{"checked":12}'
                            from tick
                            order by n
                            returning id
                        )
                        insert into run_log (run_id, chunk, lines)
                        select id, 0, '[{"at":"2026-01-01T00:00:00Z","level":"info","text":"checked 12 queries, closed none"}]'
                        from ran
                        where random() < 0.1
                        """).bind("from", utc(from)).execute());
    }

    /** As it is vacuumed by itself, when runs come one after the other. */
    private void vacuum() {
        new HistoryConnections(jdbi).with(handle -> {
            for (String name : handle.createQuery(
                            "select name from history_partition where not vacuumed and not retired")
                    .mapTo(String.class)
                    .list()) {
                handle.execute("vacuum run_" + name);
            }
            return JOBS;
        });
    }

    private String millis(List<UUID> jobs, Consumer<UUID> call) {
        double[] took = new double[CALLS];
        for (int i = 0; i < CALLS; i++) {
            UUID job = jobs.get(random.nextInt(jobs.size()));
            long begin = System.nanoTime();
            call.accept(job);
            took[i] = (System.nanoTime() - begin) / 1e6;
        }
        Arrays.sort(took);
        return "%.1f (%.1f)".formatted(took[CALLS / 2], took[CALLS - 3]);
    }

    private static double seconds(Runnable work) {
        long begin = System.nanoTime();
        work.run();
        return (System.nanoTime() - begin) / 1e9;
    }

    private long number(String sql) {
        return new HistoryConnections(jdbi)
                .with(handle -> handle.createQuery(sql).mapTo(Long.class).one());
    }

    private static OffsetDateTime utc(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}

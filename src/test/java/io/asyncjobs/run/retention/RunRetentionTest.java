package io.asyncjobs.run.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.run.HistorySchema;
import io.asyncjobs.run.PastJob;
import io.asyncjobs.run.ledger.Ledger;
import io.asyncjobs.run.ledger.TickSeriesView;
import io.asyncjobs.run.ledger.TicksView;
import io.quarkus.runtime.configuration.MemorySize;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Partitions, roll-ups and retention on real PostgreSQL, in a past that the tests make up. */
class RunRetentionTest {

    private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration DAY = Duration.ofDays(1);

    /** Ordinary times, with few runs to the job. */
    private record Config(int keepAtMost, long hourlyFromBytes, long worthDroppingBytes) implements HistoryConfig {

        static Config usual() {
            return new Config(10_000, Long.MAX_VALUE, Long.MAX_VALUE);
        }

        @Override
        public Duration keepSucceeded() {
            return Duration.ofDays(7);
        }

        @Override
        public Duration keepFailed() {
            return Duration.ofDays(30);
        }

        @Override
        public int keepLast() {
            return 20;
        }

        @Override
        public Duration keepLedger() {
            return Duration.ofDays(90);
        }

        @Override
        public Duration upkeepEvery() {
            return Duration.ofMinutes(1);
        }

        @Override
        public Partitions partitions() {
            return new Partitions() {
                @Override
                public MemorySize hourlyFrom() {
                    return new MemorySize(BigInteger.valueOf(hourlyFromBytes));
                }

                @Override
                public MemorySize worthDropping() {
                    return new MemorySize(BigInteger.valueOf(worthDroppingBytes));
                }
            };
        }
    }

    private HistorySchema schema;
    private Jdbi jdbi;

    @BeforeEach
    void anEmptyHistory() {
        schema = new HistorySchema(START);
        jdbi = schema.jdbi();
    }

    @AfterEach
    void drop() {
        schema.close();
    }

    @Test
    void partitions_are_made_ahead_once_and_without_gaps() {
        for (int hour = 0; hour <= 24; hour += 3) {
            partitions(Config.usual()).make(START.plus(HOUR.multipliedBy(hour)));
            partitions(Config.usual()).make(START.plus(HOUR.multipliedBy(hour)));
        }

        assertThat(partitionNames()).containsExactly("20260301t00", "20260301t12", "20260302t00");
        UUID run = new PastJob(jdbi, 60).ran(START.plus(HOUR.multipliedBy(13)), "succeeded", Duration.ZERO);
        assertThat(tableOf(run)).isEqualTo("run_20260301t12");
    }

    @Test
    void partitions_are_an_hour_long_where_runs_come_fast() {
        partitions(Config.usual()).make(START.plus(HOUR.multipliedBy(10)));
        assertThat(partitionNames()).containsExactly("20260301t10", "20260301t12");

        partitions(new Config(10_000, 1, Long.MAX_VALUE)).make(START.plus(HOUR.multipliedBy(11)));

        assertThat(partitionNames()).containsExactly("20260301t10", "20260301t12", "20260301t13");
    }

    @Test
    void partition_ahead_that_was_used_already_stays_as_it_is() {
        partitions(Config.usual()).make(START.plus(HOUR.multipliedBy(10)));
        UUID run = new PastJob(jdbi, 60).ran(START.plus(HOUR.multipliedBy(12)), "succeeded", Duration.ZERO);

        partitions(new Config(10_000, 1, Long.MAX_VALUE)).make(START.plus(HOUR.multipliedBy(11)));

        assertThat(partitionNames()).containsExactly("20260301t10", "20260301t12");
        assertThat(tableOf(run)).isEqualTo("run_20260301t12");
    }

    @Test
    void runs_of_a_time_without_a_partition_are_taken_into_it_when_it_is_made() {
        PastJob job = new PastJob(jdbi, 60);
        UUID run = job.ran(START.plusSeconds(5), "succeeded", Duration.ZERO);
        job.log(run, "[]");
        assertThat(tableOf(run)).isEqualTo("run_default");

        partitions(Config.usual()).make(START);

        assertThat(tableOf(run)).isEqualTo("run_20260301t00");
        assertThat(count("run_log_20260301t00")).isEqualTo(1);
        assertThat(count("run_log_default")).isZero();
    }

    @Test
    void old_partitions_go_whole_and_failures_and_the_last_twenty_runs_of_each_job_stay_with_their_logs() {
        PastJob busy = new PastJob(jdbi, 60);
        PastJob rare = new PastJob(jdbi, 300);
        partitions(Config.usual()).make(START);
        busy.ranEachTick(START, 720);
        rare.ranEachTick(START, 15);
        UUID failed = busy.ran(START.plusSeconds(7), "failed", Duration.ofSeconds(2));
        busy.log(failed, "[\"why\"]");
        UUID last = rare.ran(START.plus(HOUR.multipliedBy(3)), "succeeded", Duration.ofSeconds(1));
        rare.log(last, "[\"fine\"]");
        passDays(Config.usual(), 1, 7);
        assertThat(runsOf(busy)).isEqualTo(721);

        passDays(Config.usual(), 8, 9);

        assertThat(partitionNames()).doesNotContain("20260301t00");
        assertThat(tableExists("run_20260301t00")).isFalse();
        assertThat(tableExists("run_log_20260301t00")).isFalse();
        assertThat(runsOf(busy)).as("the last twenty and the one that failed").isEqualTo(21);
        assertThat(runsOf(rare)).isEqualTo(16);
        assertThat(logOf(failed)).isEqualTo("[\"why\"]");
        assertThat(logOf(last)).isEqualTo("[\"fine\"]");

        passDays(Config.usual(), 30, 33);

        assertThat(runsOf(busy)).isEqualTo(20);
        assertThat(logsOf(failed)).isZero();
        assertThat(runsOf(rare)).isEqualTo(16);
        assertThat(logOf(last)).isEqualTo("[\"fine\"]");
    }

    @Test
    void newer_runs_take_the_place_of_those_that_were_kept_as_the_last_ones() {
        PastJob job = new PastJob(jdbi, 300);
        partitions(Config.usual()).make(START);
        job.ranEachTick(START, 100);
        passDays(Config.usual(), 1, 9);
        assertThat(runsOf(job)).isEqualTo(20);

        job.ranEachTick(START.plus(DAY.multipliedBy(9)), 15);
        passDays(Config.usual(), 10, 18);

        assertThat(runsOf(job)).isEqualTo(20);
        assertThat(runsOf(job, START.plus(DAY.multipliedBy(9)))).isEqualTo(15);
    }

    @Test
    void kept_runs_of_a_deleted_job_go_when_their_time_is_over() {
        PastJob job = new PastJob(jdbi, 300);
        partitions(Config.usual()).make(START);
        job.ranEachTick(START, 100);
        passDays(Config.usual(), 1, 9);
        jdbi.useHandle(handle -> handle.execute("delete from job where id = ?", job.id()));

        passDays(Config.usual(), 10, 11);

        assertThat(runsOf(job)).isZero();
    }

    @Test
    void ledger_is_the_same_before_and_after_roll_up_and_retention() {
        PastJob job = new PastJob(jdbi, 10);
        partitions(Config.usual()).make(START);
        job.ranEachTick(START, 300);
        job.gap(START.plusSeconds(3_000), 100, "overlap");
        job.gap(START.plusSeconds(4_000), 2_000, "down");
        job.ran(START.plusSeconds(24_000), "failed", Duration.ofSeconds(4));
        Instant late = START.plusSeconds(24_010);
        job.run(late, late.plusSeconds(2), late.plusSeconds(3), "timed_out", "timer");
        job.run(START.plusSeconds(24_020), null, START.plusSeconds(24_025), "lost", "timer");
        job.run(START.plusSeconds(24_021), START.plusSeconds(24_021), START.plusSeconds(24_022), "failed", "manual");
        TicksView fresh = ledger(job, START, START.plus(DAY));
        TickSeriesView freshSeries = series(job, START, START.plus(DAY), 24);
        assertThat(fresh.expected()).isEqualTo(300 + 100 + 2_000 + 3);
        assertThat(fresh.outcomes()).isEqualTo(Map.of("succeeded", 300L, "failed", 1L, "timed_out", 1L));
        assertThat(fresh.gaps()).isEqualTo(Map.of("overlap", 100L, "down", 2_000L, "lost", 1L));

        passDays(Config.usual(), 1, 2);
        assertThat(count("tick_hour")).isEqualTo(2);
        assertThat(ledger(job, START, START.plus(DAY))).isEqualTo(fresh);
        assertThat(series(job, START, START.plus(DAY), 24)).isEqualTo(freshSeries);

        passDays(Config.usual(), 3, 9);
        assertThat(count("tick_gap"))
                .as("only the long gap is still there itself")
                .isEqualTo(1);
        assertThat(ledger(job, START, START.plus(DAY))).isEqualTo(fresh);
        assertThat(series(job, START, START.plus(DAY), 24)).isEqualTo(freshSeries);
    }

    @Test
    void window_that_cuts_an_hour_is_exact_while_its_runs_are_there_and_then_widened() {
        PastJob job = new PastJob(jdbi, 10);
        partitions(Config.usual()).make(START);
        job.ranEachTick(START, 720);
        job.gap(START.plusSeconds(7_200), 60, "overlap");
        Instant from = START.plusSeconds(1_800);
        Instant to = START.plusSeconds(7_500);
        TicksView exact = ledger(job, from, to);
        assertThat(exact.ran()).isEqualTo(540);
        assertThat(exact.gaps()).isEqualTo(Map.of("overlap", 30L));

        rollUp(START.plus(HOUR.multipliedBy(10)));
        assertThat(ledger(job, from, to)).isEqualTo(exact);

        passDays(Config.usual(), 1, 9);
        TicksView widened = ledger(job, from, to);
        assertThat(widened.from()).isEqualTo(START);
        assertThat(widened.to()).isEqualTo(START.plusSeconds(10_800));
        assertThat(widened.ran()).isEqualTo(720);
        assertThat(widened.gaps()).isEqualTo(Map.of("overlap", 60L));
    }

    @Test
    void gap_that_grows_or_is_recorded_after_its_hour_was_rolled_up_is_counted_once() {
        PastJob job = new PastJob(jdbi, 10);
        job.gap(START.plusSeconds(100), 10, "overlap");
        rollUp(START.plus(HOUR.multipliedBy(3)));
        jdbi.useHandle(handle -> handle.execute("""
                update tick_gap
                set last_tick = last_tick + interval '50 s', ticks = ticks + 5
                where job_id = ?
                """, job.id()));
        job.gap(START.plusSeconds(1_000), 20, "paused");

        assertThat(ledger(job, START, START.plus(DAY)).gaps()).isEqualTo(Map.of("overlap", 15L, "paused", 20L));
        rollUp(START.plus(HOUR.multipliedBy(5)));
        assertThat(ledger(job, START, START.plus(DAY)).gaps()).isEqualTo(Map.of("overlap", 15L, "paused", 20L));
        assertThat(rolledGaps(job)).isEqualTo(35);
    }

    @Test
    void run_claimed_just_after_its_hour_is_counted_in_the_hour_of_its_tick() {
        PastJob job = new PastJob(jdbi, 10);
        UUID run = job.ran(START.plus(HOUR).plusMillis(20), "succeeded", Duration.ofMillis(5));
        jdbi.useHandle(handle ->
                handle.execute("update run set scheduled_for = scheduled_for - interval '30 ms' where id = ?", run));
        rollUp(START.plusSeconds(4_300));
        assertThat(count("tick_hour")).isZero();
        assertThat(ledger(job, START, START.plus(HOUR)).ran()).isEqualTo(1);

        rollUp(START.plus(HOUR.multipliedBy(3)));

        assertThat(ledger(job, START, START.plus(HOUR)).ran()).isEqualTo(1);
        assertThat(ledger(job, START.plus(HOUR), START.plus(DAY)).ran()).isZero();
    }

    @Test
    void hour_is_not_rolled_up_while_a_run_of_it_goes_on() {
        PastJob job = new PastJob(jdbi, 300);
        UUID run = job.run(START.plusSeconds(3_550), START.plusSeconds(3_550), null, null, "timer");
        jdbi.useHandle(handle -> handle.execute("""
                insert into job_timer (job_id, basis, anchor, interval_seconds, paused, next_tick, epoch, lease_run, lease_node)
                values (?, now(), now(), 300, false, null, 1, ?, ?)
                """, job.id(), run, run));

        rollUp(START.plusSeconds(3_600 + 700));
        assertThat(count("tick_hour")).isZero();

        jdbi.useHandle(handle ->
                handle.execute("update job_timer set lease_run = null, lease_node = null where job_id = ?", job.id()));
        rollUp(START.plusSeconds(3_600 + 700));
        assertThat(count("tick_hour")).isEqualTo(1);
    }

    @Test
    void runs_beyond_the_most_of_a_job_go_early_and_those_of_other_jobs_stay() {
        Config config = new Config(500, Long.MAX_VALUE, 1);
        PastJob fast = new PastJob(jdbi, 1);
        PastJob slow = new PastJob(jdbi, 300);
        partitions(config).make(START);
        fast.ranEachTick(START, 12 * 3_600);
        slow.ranEachTick(START, 144);
        Instant afternoon = START.plus(HOUR.multipliedBy(12));
        partitions(config).make(afternoon);
        fast.ranEachTick(afternoon, 600);
        TicksView before = ledger(fast, START, START.plus(DAY));

        passHours(config, 12, 15);

        assertThat(partitionNames()).doesNotContain("20260301t00");
        assertThat(runsOf(fast)).isBetween(600L, 600L + 500);
        assertThat(runsOf(slow)).isEqualTo(144);
        assertThat(ledger(fast, START, START.plus(DAY))).isEqualTo(before);
    }

    @Test
    void partition_in_use_stays_whole_until_it_is_free() throws Exception {
        PastJob job = new PastJob(jdbi, 60);
        partitions(Config.usual()).make(START);
        job.ranEachTick(START, 100);
        passDays(Config.usual(), 1, 7);
        Instant nextDay = START.plus(DAY.multipliedBy(8));
        rollUp(nextDay);
        try (Handle reader = jdbi.open()) {
            reader.begin();
            reader.execute("select from run limit 1");

            retention(Config.usual()).clear(nextDay);

            assertThat(partitionNames()).contains("20260301t00");
            assertThat(count("run_kept")).isZero();
            assertThat(runsOf(job)).isEqualTo(100);
            reader.commit();
        }

        retention(Config.usual()).clear(nextDay);

        assertThat(partitionNames()).doesNotContain("20260301t00");
        assertThat(runsOf(job)).isEqualTo(20);
    }

    @Test
    void runs_are_written_and_read_meanwhile_without_an_error() throws Exception {
        PastJob old = new PastJob(jdbi, 60);
        PastJob current = new PastJob(jdbi, 60);
        Instant now = START.plus(DAY.multipliedBy(9)).plusSeconds(900);
        partitions(Config.usual()).make(START);
        old.ranEachTick(START, 1_000);
        partitions(Config.usual()).make(START.plus(HOUR.multipliedBy(13)));
        partitions(Config.usual()).make(now);
        AtomicBoolean over = new AtomicBoolean();
        try (ExecutorService node = Executors.newSingleThreadExecutor()) {
            // As the recorder does: first the log, then the run, in one transaction
            Future<Integer> written = node.submit(() -> {
                int runs = 0;
                while (!over.get()) {
                    UUID run = current.run(now.plusMillis(runs++), now, null, null, "timer");
                    jdbi.useTransaction(handle -> {
                        handle.execute("insert into run_log (run_id, chunk, lines) values (?, 0, '[]')", run);
                        handle.execute("update run set outcome = 'succeeded', finished_at = now() where id = ?", run);
                    });
                    runsOf(old);
                }
                return runs;
            });
            rollUp(now);
            retention(Config.usual()).clear(now);
            over.set(true);

            long runs = written.get();
            assertThat(runsOf(current)).isEqualTo(runs);
        }
        assertThat(partitionNames()).doesNotContain("20260301t00", "20260301t12");
        assertThat(runsOf(old)).isEqualTo(20);
    }

    @Test
    void tables_of_a_partition_that_was_detached_before_a_crash_are_dropped() {
        PastJob job = new PastJob(jdbi, 60);
        partitions(Config.usual()).make(START);
        job.ranEachTick(START, 10);
        jdbi.useHandle(handle -> {
            handle.execute("alter table run detach partition run_20260301t00");
            handle.execute("alter table run_log detach partition run_log_20260301t00");
            handle.execute("update history_partition set retired = true where name = '20260301t00'");
        });

        retention(Config.usual()).clear(START.plus(HOUR));

        assertThat(tableExists("run_20260301t00")).isFalse();
        assertThat(tableExists("run_log_20260301t00")).isFalse();
        assertThat(count("history_partition where retired")).isZero();
    }

    @Test
    void two_nodes_at_once_count_and_keep_everything_once() throws Exception {
        List<PastJob> jobs = new ArrayList<>();
        partitions(Config.usual()).make(START);
        for (int i = 0; i < 5; i++) {
            PastJob job = new PastJob(jdbi, 60);
            job.ranEachTick(START, 300);
            job.gap(START.plusSeconds(18_000), 30, "overlap");
            jobs.add(job);
        }
        Jdbi[] nodes = {jdbi, schema.node()};
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            for (int day = 1; day <= 9; day++) {
                Instant now = START.plus(DAY.multipliedBy(day));
                List<Callable<Void>> rounds = new ArrayList<>();
                for (Jdbi node : nodes) {
                    rounds.add(() -> {
                        HistoryConnections connections = new HistoryConnections(node);
                        new RunPartitions(connections, Config.usual()).make(now);
                        new TickRollUp(connections).catchUp(now);
                        new RunRetention(connections, Config.usual()).clear(now);
                        return null;
                    });
                }
                for (Future<Void> round : threads.invokeAll(rounds)) {
                    round.get();
                }
            }
        }
        // A node that found the other at it leaves the rest to the next round
        passDays(Config.usual(), 9, 9);

        for (PastJob job : jobs) {
            TicksView ledger = ledger(job, START, START.plus(DAY));
            assertThat(ledger.ran()).isEqualTo(300);
            assertThat(ledger.gaps()).isEqualTo(Map.of("overlap", 30L));
            assertThat(runsOf(job)).isEqualTo(20);
        }
    }

    @Test
    void ledger_goes_after_its_time_and_says_from_when_on_it_counts() {
        PastJob job = new PastJob(jdbi, 10);
        partitions(Config.usual()).make(START);
        job.ranEachTick(START, 300);
        passDays(Config.usual(), 1, 1);
        passDays(Config.usual(), 95, 95);

        TicksView ledger = ledger(job, START, START.plus(DAY.multipliedBy(94)));

        assertThat(ledger.from()).isEqualTo(START.plus(DAY.multipliedBy(5)));
        assertThat(ledger.expected()).isZero();
        assertThat(count("tick_hour")).isZero();
        assertThat(runsOf(job)).isEqualTo(20);
    }

    private void passDays(HistoryConfig config, int first, int last) {
        passHours(config, first * 24, last * 24);
    }

    /** What a node does twice a day, and at the end. */
    private void passHours(HistoryConfig config, int first, int last) {
        for (int hour = first; hour < last; hour += 12) {
            pass(config, START.plus(HOUR.multipliedBy(hour)).plusSeconds(900));
        }
        pass(config, START.plus(HOUR.multipliedBy(last)).plusSeconds(900));
    }

    private void pass(HistoryConfig config, Instant now) {
        partitions(config).make(now);
        rollUp(now);
        retention(config).clear(now);
    }

    private RunPartitions partitions(HistoryConfig config) {
        return new RunPartitions(new HistoryConnections(jdbi), config);
    }

    private void rollUp(Instant now) {
        new TickRollUp(new HistoryConnections(jdbi)).catchUp(now);
    }

    private RunRetention retention(HistoryConfig config) {
        return new RunRetention(new HistoryConnections(jdbi), config);
    }

    private TicksView ledger(PastJob job, Instant from, Instant to) {
        return new Ledger(jdbi, new DatabaseClock(schema.dataSource())).ticks(job.id(), from, to);
    }

    private TickSeriesView series(PastJob job, Instant from, Instant to, int buckets) {
        return new Ledger(jdbi, new DatabaseClock(schema.dataSource())).series(job.id(), from, to, buckets);
    }

    private List<String> partitionNames() {
        return jdbi.withHandle(handle -> handle.createQuery("select name from history_partition order by since")
                .mapTo(String.class)
                .list());
    }

    private boolean tableExists(String name) {
        return jdbi.withHandle(handle -> handle.createQuery("select to_regclass(:name) is not null")
                .bind("name", name)
                .mapTo(Boolean.class)
                .one());
    }

    private String tableOf(UUID run) {
        return text("select tableoid::regclass::text from run where id = '" + run + "'");
    }

    private String logOf(UUID run) {
        return text("select lines from run_log_history where run_id = '" + run + "'");
    }

    private String text(String sql) {
        return jdbi.withHandle(
                handle -> handle.createQuery(sql).mapTo(String.class).one());
    }

    private long logsOf(UUID run) {
        return count("run_log_history where run_id = '" + run + "'");
    }

    private long runsOf(PastJob job) {
        return count("run_history where job_id = '" + job.id() + "'");
    }

    private long runsOf(PastJob job, Instant from) {
        return count("run_history where job_id = '" + job.id() + "' and scheduled_for >= '" + from + "'");
    }

    private long rolledGaps(PastJob job) {
        return jdbi.withHandle(
                handle -> handle.createQuery("select sum(ticks)::bigint from tick_hour_gap where job_id = :job")
                        .bind("job", job.id())
                        .mapTo(Long.class)
                        .one());
    }

    private long count(String from) {
        return jdbi.withHandle(handle -> handle.createQuery("select count(*) from " + from)
                .mapTo(Long.class)
                .one());
    }
}

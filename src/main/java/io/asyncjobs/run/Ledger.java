package io.asyncjobs.run;

import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.platform.problem.MalformedException;
import io.asyncjobs.platform.problem.Violation;
import jakarta.inject.Singleton;
import java.sql.Array;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.jspecify.annotations.Nullable;

/** Accounts for every tick of a job: it ran, or it is in a gap. */
@Singleton
class Ledger {

    private static final Duration USUAL_WINDOW = Duration.ofHours(24);

    private static final String RUNS = """
            select count(*) as ran,
                count(*) filter (where started_at > scheduled_for + interval '1 second') as late,
                extract(epoch from max(scheduled_for) - min(scheduled_for))::double precision
                    / nullif(count(*) - 1, 0) as effective,
                percentile_cont(array[0.5, 0.95, 0.99]) within group (
                    order by extract(epoch from finished_at - started_at)::double precision * 1000) as durations
            from run
            where job_id = :job and trigger = 'timer' and scheduled_for >= :from and scheduled_for < :to
            """;

    /** Gaps on record, cut to the window, and the ticks that a run in flight or a pause has kept from running so far. */
    private static final String GAPS = """
            select reason, sum(ticks)::bigint as ticks
            from (
                select reason,
                    least(g.ticks, ticks_until(first_tick, interval_seconds, :to - interval '1 microsecond'))
                        - least(g.ticks, ticks_until(first_tick, interval_seconds, :from - interval '1 microsecond')) as ticks
                from tick_gap g
                where job_id = :job and first_tick < :to and last_tick >= :from
                union all
                select case when paused then 'paused' else 'overlap' end,
                    ticks_until(next_tick, interval_seconds, least(:now, :to - interval '1 microsecond'))
                        - ticks_until(next_tick, interval_seconds, :from - interval '1 microsecond')
                from job_timer
                where job_id = :job and (paused or lease_run is not null) and next_tick is not null
            ) gap
            where ticks > 0
            group by reason
            """;

    private record Runs(long ran, long late, @Nullable Double effective, TicksView.Durations durations) {}

    private final Jdbi jdbi;
    private final DatabaseClock clock;

    Ledger(Jdbi jdbi, DatabaseClock clock) {
        this.jdbi = jdbi;
        this.clock = clock;
    }

    /** The ledger of [from, to); the last 24 hours where they are not given. */
    TicksView ticks(UUID job, @Nullable Instant from, @Nullable Instant to) {
        Instant now = clock.now();
        Instant until = to == null ? now : to;
        Instant since = from == null ? until.minus(USUAL_WINDOW) : from;
        if (!since.isBefore(until)) {
            throw new MalformedException(List.of(new Violation("from", "must be before " + until)));
        }
        return jdbi.inTransaction(TransactionIsolationLevel.REPEATABLE_READ, handle -> {
            Runs runs = handle.createQuery(RUNS)
                    .bind("job", job)
                    .bind("from", since.atOffset(ZoneOffset.UTC))
                    .bind("to", until.atOffset(ZoneOffset.UTC))
                    .map((row, context) -> new Runs(
                            row.getLong("ran"),
                            row.getLong("late"),
                            row.getObject("effective", Double.class),
                            durations(row.getArray("durations"))))
                    .one();
            Map<String, Long> gaps = new TreeMap<>();
            handle.createQuery(GAPS)
                    .bind("job", job)
                    .bind("from", since.atOffset(ZoneOffset.UTC))
                    .bind("to", until.atOffset(ZoneOffset.UTC))
                    .bind("now", now.atOffset(ZoneOffset.UTC))
                    .map((row, context) -> Map.entry(row.getString("reason"), row.getLong("ticks")))
                    .forEach(gap -> gaps.put(gap.getKey(), gap.getValue()));
            int interval = handle.createQuery("select poll_interval_seconds from job where id = :job")
                    .bind("job", job)
                    .mapTo(Integer.class)
                    .one();
            long missed = gaps.values().stream().mapToLong(Long::longValue).sum();
            return new TicksView(
                    since,
                    until,
                    runs.ran() + missed,
                    runs.ran(),
                    runs.late(),
                    gaps,
                    interval,
                    runs.effective(),
                    runs.durations());
        });
    }

    private static TicksView.Durations durations(@Nullable Array percentiles) throws SQLException {
        if (percentiles == null) {
            return new TicksView.Durations(null, null, null);
        }
        Double[] values = (Double[]) percentiles.getArray();
        return new TicksView.Durations(values[0], values[1], values[2]);
    }
}

package io.asyncjobs.run.ledger;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** Counts a job's ticks into tallies of so many seconds each, from an origin on; in one transaction. */
final class TickCount {

    /** A run is claimed at its tick or a little later, long before that much time has passed. */
    private static final Duration CLAIM_SLACK = Duration.ofMinutes(15);

    /**
     * Runs of the pieces, by bucket, slot of duration and outcome. What was claimed and never started is no run but a gap
     * {@code lost}; how long a lost run took nobody knows.
     */
    private static final String RUNS = """
            select floor(extract(epoch from r.scheduled_for - :origin) / :width)::integer as bucket,
                case when r.outcome <> 'lost' then duration_slot(r.started_at, r.finished_at) end as slot,
                r.started_at is null and r.outcome is not distinct from 'lost' as unstarted,
                r.outcome,
                count(*) as runs,
                count(*) filter (where r.started_at > r.scheduled_for + interval '1 second') as late,
                min(r.scheduled_for) as first_tick,
                max(r.scheduled_for) as last_tick
            from unnest(:since, :until, :claimedSince, :claimedUntil) as piece (since, until, claimed_since, claimed_until)
                join run r on r.job_id = :job
                    and r.id >= uuid_v7_floor(piece.claimed_since) and r.id < uuid_v7_floor(piece.claimed_until)
                    and r.scheduled_for >= piece.since and r.scheduled_for < piece.until
            where r.trigger = 'timer'
            group by 1, 2, 3, 4
            """;

    /**
     * Gaps of the pieces, by bucket and reason: those on record, but for ticks that the piece has from roll-ups, and the
     * ticks that a run in flight or a pause has kept from running so far.
     */
    private static final String GAPS = """
            with piece as materialized (
                select * from unnest(:since, :until, :rolled) as piece (since, until, rolled)
            ), gap as (
                select g.reason, g.first_tick, g.interval_seconds, g.ticks, 0 as skipped, p.since, p.until
                from piece p
                    cross join lateral (
                        select * from tick_gap where job_id = :job and last_tick >= p.since and last_tick < p.until
                        union all
                        -- Gaps of a job do not overlap: one at most begins inside and ends later
                        (select * from tick_gap where job_id = :job and last_tick >= p.until order by last_tick limit 1)
                    ) g
                where not p.rolled
                union all
                select g.reason, g.first_tick, g.interval_seconds, g.ticks, g.rolled_ticks, p.since, p.until
                from piece p
                    join tick_gap g on g.job_id = :job and g.rolled_ticks < g.ticks
                where p.rolled
                union all
                select case when t.paused then 'paused' else 'overlap' end, t.next_tick, t.interval_seconds,
                    ticks_until(t.next_tick, t.interval_seconds, :now), 0, p.since, p.until
                from piece p
                    join job_timer t on t.job_id = :job
                where (t.paused or t.lease_run is not null) and t.next_tick is not null
            ), part as (
                select g.*, bucket,
                    greatest(since, :origin + bucket * make_interval(secs => :width)) as bucket_since,
                    least(until, :origin + (bucket + 1) * make_interval(secs => :width)) as bucket_until
                from gap g
                    cross join lateral generate_series(
                        floor(extract(epoch from greatest(g.since, g.first_tick) - :origin) / :width)::integer,
                        floor(extract(epoch from
                            least(g.until - interval '1 microsecond',
                                tick_after(g.first_tick, g.interval_seconds, g.ticks - 1)) - :origin) / :width)::integer
                    ) as bucket
                where g.ticks > g.skipped and g.first_tick < g.until
            )
            select bucket, reason,
                sum(gap_ticks_within(first_tick, interval_seconds, ticks, skipped, bucket_since, bucket_until))::bigint as ticks
            from part
            group by 1, 2
            """;

    private static final String ROLLED_RUNS = """
            select floor(extract(epoch from hour - :origin) / :width)::integer as bucket, sum(ran)::bigint as ran,
                sum(late)::bigint as late, min(first_tick) as first_tick, max(last_tick) as last_tick
            from tick_hour
            where job_id = :job and hour >= :since and hour < :until
            group by 1
            """;

    private static final String ROLLED_DURATIONS = """
            select floor(extract(epoch from hour - :origin) / :width)::integer as bucket, d.slot, sum(d.runs)::bigint as runs
            from tick_hour
                cross join lateral unnest(duration_slots, duration_counts) as d (slot, runs)
            where job_id = :job and hour >= :since and hour < :until
            group by 1, 2
            """;

    private static final String ROLLED_OUTCOMES = """
            select floor(extract(epoch from hour - :origin) / :width)::integer as bucket, o.outcome, sum(o.runs)::bigint as runs
            from tick_hour
                cross join lateral unnest(outcomes, outcome_counts) as o (outcome, runs)
            where job_id = :job and hour >= :since and hour < :until
            group by 1, 2
            """;

    private static final String ROLLED_GAPS = """
            select floor(extract(epoch from hour - :origin) / :width)::integer as bucket, reason, sum(ticks)::bigint as ticks
            from tick_hour_gap
            where job_id = :job and hour >= :since and hour < :until
            group by 1, 2
            """;

    /**
     * A stretch of time in which ticks are counted from runs and gaps.
     *
     * @param rolled whether the most of it is counted from roll-ups, and here only what these have not got
     */
    private record Piece(Window ticks, Window claims, boolean rolled) {}

    private final Handle handle;
    private final UUID job;
    private final Instant origin;
    private final long width;
    private final TickTally[] tallies;

    /** @param width seconds of a tally */
    TickCount(Handle handle, UUID job, Instant origin, long width, TickTally[] tallies) {
        this.handle = handle;
        this.job = job;
        this.origin = origin;
        this.width = width;
        this.tallies = tallies;
    }

    /**
     * Counts the ticks of a window that begins at the origin. Hours are read from roll-ups unless a tally ends within one.
     */
    void count(Window window, HistoryProgress progress, Instant now) {
        Instant firstHour = Window.ceiling(window.from(), Window.HOUR);
        Instant endOfHours = Window.floor(window.to(), Window.HOUR);
        if (endOfHours.isAfter(progress.rolledUntil())) {
            endOfHours = progress.rolledUntil();
        }
        List<Piece> pieces = new ArrayList<>();
        boolean byTheHour = tallies.length == 1 || width % Window.HOUR == 0;
        if (byTheHour && firstHour.isBefore(endOfHours)) {
            Window hours = new Window(firstHour, endOfHours);
            addDetails(pieces, new Window(window.from(), firstHour));
            pieces.add(new Piece(hours, new Window(progress.rolledUntil(), endOfHours.plus(CLAIM_SLACK)), true));
            addDetails(pieces, new Window(endOfHours, window.to()));
            countRolled(hours);
        } else {
            addDetails(pieces, window);
        }
        countRuns(pieces);
        countGaps(pieces, now);
    }

    private static void addDetails(List<Piece> pieces, Window ticks) {
        if (ticks.from().isBefore(ticks.to())) {
            Window claims =
                    new Window(ticks.from().minus(CLAIM_SLACK), ticks.to().plus(CLAIM_SLACK));
            pieces.add(new Piece(ticks, claims, false));
        }
    }

    private void countRolled(Window hours) {
        for (String sql : List.of(ROLLED_RUNS, ROLLED_OUTCOMES, ROLLED_DURATIONS, ROLLED_GAPS)) {
            Query query = handle.createQuery(sql)
                    .bind("job", job)
                    .bind("since", utc(hours.from()))
                    .bind("until", utc(hours.to()))
                    .bind("origin", utc(origin))
                    .bind("width", (double) width);
            query.map((row, context) -> {
                        TickTally tally = tallies[row.getInt("bucket")];
                        switch (sql) {
                            case ROLLED_RUNS ->
                                tally.addRuns(
                                        row.getLong("ran"),
                                        row.getLong("late"),
                                        optionalInstant(row, "first_tick"),
                                        optionalInstant(row, "last_tick"));
                            case ROLLED_OUTCOMES -> tally.addOutcome(row.getString("outcome"), row.getLong("runs"));
                            case ROLLED_DURATIONS -> tally.addDurations(row.getInt("slot"), row.getLong("runs"));
                            default -> tally.addGap(row.getString("reason"), row.getLong("ticks"));
                        }
                        return tally;
                    })
                    .list();
        }
    }

    private void countRuns(List<Piece> pieces) {
        Query query = handle.createQuery(RUNS)
                .bind("job", job)
                .bind("origin", utc(origin))
                .bind("width", (double) width);
        bindTimes(query, "since", pieces, piece -> piece.ticks().from());
        bindTimes(query, "until", pieces, piece -> piece.ticks().to());
        bindTimes(query, "claimedSince", pieces, piece -> piece.claims().from());
        bindTimes(query, "claimedUntil", pieces, piece -> piece.claims().to());
        query.map((row, context) -> {
                    TickTally tally = tallies[row.getInt("bucket")];
                    long runs = row.getLong("runs");
                    if (row.getBoolean("unstarted")) {
                        tally.addGap("lost", runs);
                    } else {
                        tally.addRuns(runs, row.getLong("late"), instant(row, "first_tick"), instant(row, "last_tick"));
                        String outcome = row.getString("outcome");
                        if (outcome != null) {
                            tally.addOutcome(outcome, runs);
                        }
                        int slot = row.getInt("slot");
                        if (!row.wasNull()) {
                            tally.addDurations(slot, runs);
                        }
                    }
                    return tally;
                })
                .list();
    }

    private void countGaps(List<Piece> pieces, Instant now) {
        Query query = handle.createQuery(GAPS)
                .bind("job", job)
                .bind("origin", utc(origin))
                .bind("width", (double) width)
                .bind("now", utc(now))
                .bindArray(
                        "rolled",
                        Boolean.class,
                        pieces.stream().map(Piece::rolled).toArray());
        bindTimes(query, "since", pieces, piece -> piece.ticks().from());
        bindTimes(query, "until", pieces, piece -> piece.ticks().to());
        query.map((row, context) -> {
                    TickTally tally = tallies[row.getInt("bucket")];
                    tally.addGap(row.getString("reason"), row.getLong("ticks"));
                    return tally;
                })
                .list();
    }

    private static void bindTimes(Query query, String name, List<Piece> pieces, Function<Piece, Instant> time) {
        query.bindArray(
                name,
                OffsetDateTime.class,
                pieces.stream().map(piece -> (Object) utc(time.apply(piece))).toArray());
    }

    private static OffsetDateTime utc(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static @Nullable Instant optionalInstant(ResultSet row, String column) throws SQLException {
        OffsetDateTime value = row.getObject(column, OffsetDateTime.class);
        return value == null ? null : value.toInstant();
    }
}

package io.asyncjobs.run.ledger;

import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.platform.problem.MalformedException;
import io.asyncjobs.platform.problem.Violation;
import jakarta.inject.Singleton;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.jspecify.annotations.Nullable;

/**
 * Accounts for every tick of a job: it ran, or it is in a gap.
 *
 * <p>Whole hours are read from their roll-ups; the hours that are not rolled up yet, and those that the window cuts, from
 * runs and gaps themselves. Where these have gone, the window is widened to whole hours and the answer says so.
 */
@Singleton
public class Ledger {

    private static final Duration USUAL_WINDOW = Duration.ofHours(24);
    private static final int USUAL_BUCKETS = 60;
    private static final int MOST_BUCKETS = 500;
    private static final long HOUR = 3_600;
    private static final long DAY = 86_400;

    /** Buckets shorter than an hour are counted from single runs, which takes time: not over more than this. */
    private static final Duration LONGEST_IN_DETAIL = Duration.ofHours(6);

    private static final List<Long> BUCKET_SECONDS = List.of(
            1L, 5L, 10L, 15L, 30L, 60L, 120L, 300L, 600L, 900L, 1_800L, HOUR, 7_200L, 10_800L, 21_600L, 43_200L);

    /** A run is claimed at its tick or a little later, long before that much time has passed. */
    private static final Duration CLAIM_SLACK = Duration.ofMinutes(15);

    /** With what is added to it, it still lies in a year that everybody reads. */
    private static final Instant LAST = Instant.parse("9999-12-31T00:00:00Z");

    /**
     * Runs of the pieces, by bucket and slot of duration. What was claimed and never started is no run but a gap
     * {@code lost}; how long a lost run took nobody knows.
     */
    private static final String RUNS = """
            select floor(extract(epoch from r.scheduled_for - :origin) / :width)::integer as bucket,
                case when r.outcome <> 'lost' then duration_slot(r.started_at, r.finished_at) end as slot,
                r.started_at is null and r.outcome is not distinct from 'lost' as unstarted,
                count(*) as runs,
                count(*) filter (where r.started_at > r.scheduled_for + interval '1 second') as late,
                min(r.scheduled_for) as first_tick,
                max(r.scheduled_for) as last_tick
            from unnest(:since, :until, :claimedSince, :claimedUntil) as piece (since, until, claimed_since, claimed_until)
                join run r on r.job_id = :job
                    and r.id >= uuid_v7_floor(piece.claimed_since) and r.id < uuid_v7_floor(piece.claimed_until)
                    and r.scheduled_for >= piece.since and r.scheduled_for < piece.until
            where r.trigger = 'timer'
            group by 1, 2, 3
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

    private static final String ROLLED_GAPS = """
            select floor(extract(epoch from hour - :origin) / :width)::integer as bucket, reason, sum(ticks)::bigint as ticks
            from tick_hour_gap
            where job_id = :job and hour >= :since and hour < :until
            group by 1, 2
            """;

    /** How far roll-ups have come, and back to when there is what. */
    private record Progress(Instant rolledUntil, Instant detailsFrom, Instant ledgerFrom) {}

    /** From, before to. */
    private record Window(Instant from, Instant to) {}

    /**
     * A stretch of time in which ticks are counted from runs and gaps.
     *
     * @param rolled whether the most of it is counted from roll-ups, and here only what these have not got
     */
    private record Piece(Window ticks, Window claims, boolean rolled) {}

    private final Jdbi jdbi;
    private final DatabaseClock clock;

    public Ledger(Jdbi jdbi, DatabaseClock clock) {
        this.jdbi = jdbi;
        this.clock = clock;
    }

    /** The ledger of [from, to); the last 24 hours where they are not given. */
    public TicksView ticks(UUID job, @Nullable Instant from, @Nullable Instant to) {
        Instant now = clock.now();
        Window asked = window(from, to, now);
        return jdbi.inTransaction(TransactionIsolationLevel.REPEATABLE_READ, handle -> {
            Progress progress = progress(handle);
            Window window = widened(asked, progress);
            int interval = configuredInterval(handle, job);
            TickTally tally = new TickTally();
            long width = Duration.between(window.from(), window.to()).toSeconds() + 1;
            count(handle, job, window, width, progress, now, new TickTally[] {tally});
            DurationHistogram durations = tally.durations();
            return new TicksView(
                    window.from(),
                    window.to(),
                    tally.expected(),
                    tally.ran(),
                    tally.late(),
                    tally.gaps(),
                    interval,
                    tally.effectiveIntervalSeconds(),
                    new TicksView.Durations(
                            durations.percentile(0.5), durations.percentile(0.95), durations.percentile(0.99)),
                    driftWarning(durations.percentile(0.95), interval));
        });
    }

    /**
     * The ledger of [from, to) in at most so many buckets; the last 24 hours in 60 where nothing is given. A bucket is as
     * short as that allows; of a window of more than six hours, and of time whose single runs have gone, it is an hour at
     * least. Buckets begin at full multiples of their width in UTC.
     */
    public TickSeriesView series(UUID job, @Nullable Instant from, @Nullable Instant to, @Nullable Integer buckets) {
        int most = buckets == null ? USUAL_BUCKETS : buckets;
        if (most < 1 || most > MOST_BUCKETS) {
            throw new MalformedException(
                    List.of(new Violation("buckets", "must be a number from 1 to " + MOST_BUCKETS)));
        }
        Instant now = clock.now();
        Window asked = window(from, to, now);
        return jdbi.inTransaction(TransactionIsolationLevel.REPEATABLE_READ, handle -> {
            Progress progress = progress(handle);
            Window window = widened(asked, progress);
            boolean inDetail = !window.from().isBefore(progress.detailsFrom())
                    && Duration.between(window.from(), window.to()).compareTo(LONGEST_IN_DETAIL) <= 0;
            long width = bucketSeconds(window, most, inDetail ? 1 : HOUR);
            Instant since = floor(window.from(), width);
            int number = bucketsOf(window, width);
            TickTally[] tallies = new TickTally[number];
            for (int i = 0; i < number; i++) {
                tallies[i] = new TickTally();
            }
            count(handle, job, new Window(since, window.to()), width, progress, now, tallies);
            List<TickSeriesView.Bucket> series = new ArrayList<>(number);
            for (int i = 0; i < number; i++) {
                TickTally tally = tallies[i];
                series.add(new TickSeriesView.Bucket(
                        since.plusSeconds(i * width),
                        tally.expected(),
                        tally.ran(),
                        tally.late(),
                        tally.gaps(),
                        new TickSeriesView.BucketDurations(
                                tally.durations().percentile(0.5),
                                tally.durations().percentile(0.95))));
            }
            return new TickSeriesView(since, window.to(), width, configuredInterval(handle, job), series);
        });
    }

    private static Window window(@Nullable Instant from, @Nullable Instant to, Instant now) {
        Instant until = to == null ? now : to.isAfter(LAST) ? LAST : to;
        Instant since = from == null ? until.minus(USUAL_WINDOW) : from;
        if (!since.isBefore(until)) {
            throw new MalformedException(List.of(new Violation("from", "must be before " + until)));
        }
        return new Window(since, until);
    }

    private static Progress progress(Handle handle) {
        return handle.createQuery("select rolled_until, details_from, ledger_from from history_progress")
                .map((row, context) -> new Progress(
                        instant(row, "rolled_until"), instant(row, "details_from"), instant(row, "ledger_from")))
                .one();
    }

    private static int configuredInterval(Handle handle, UUID job) {
        return handle.createQuery("select poll_interval_seconds from job where id = :job")
                .bind("job", job)
                .mapTo(Integer.class)
                .one();
    }

    /** The window as it can be answered: an hour whose single runs have gone cannot be cut. */
    private static Window widened(Window asked, Progress progress) {
        Instant from = asked.from();
        Instant to = asked.to();
        if (from.isBefore(progress.detailsFrom())) {
            from = floor(from, HOUR);
        }
        if (to.isBefore(progress.detailsFrom())) {
            to = ceiling(to, HOUR);
        }
        if (from.isBefore(progress.ledgerFrom())) {
            from = to.isBefore(progress.ledgerFrom()) ? to : progress.ledgerFrom();
        }
        return new Window(from, to);
    }

    private static long bucketSeconds(Window window, int most, long atLeast) {
        return Stream.concat(BUCKET_SECONDS.stream(), Stream.iterate(DAY, width -> width + DAY))
                .filter(width -> width >= atLeast && bucketsOf(window, width) <= most)
                .findFirst()
                .orElseThrow();
    }

    private static int bucketsOf(Window window, long width) {
        long micros = ChronoUnit.MICROS.between(floor(window.from(), width), window.to());
        return Math.toIntExact(Math.ceilDiv(micros, width * 1_000_000));
    }

    /**
     * Counts the window's ticks into the tallies, each of that many seconds from the window's beginning on. Hours are read
     * from roll-ups unless a tally ends within one.
     */
    private static void count(
            Handle handle, UUID job, Window window, long width, Progress progress, Instant now, TickTally[] tallies) {
        Instant firstHour = ceiling(window.from(), HOUR);
        Instant endOfHours = floor(window.to(), HOUR);
        if (endOfHours.isAfter(progress.rolledUntil())) {
            endOfHours = progress.rolledUntil();
        }
        List<Piece> pieces = new ArrayList<>();
        boolean byTheHour = tallies.length == 1 || width % HOUR == 0;
        if (byTheHour && firstHour.isBefore(endOfHours)) {
            Window hours = new Window(firstHour, endOfHours);
            addDetails(pieces, new Window(window.from(), firstHour));
            pieces.add(new Piece(hours, new Window(progress.rolledUntil(), endOfHours.plus(CLAIM_SLACK)), true));
            addDetails(pieces, new Window(endOfHours, window.to()));
            countRolled(handle, job, hours, window.from(), width, tallies);
        } else {
            addDetails(pieces, window);
        }
        countRuns(handle, job, pieces, window.from(), width, tallies);
        countGaps(handle, job, pieces, window.from(), width, now, tallies);
    }

    private static void addDetails(List<Piece> pieces, Window ticks) {
        if (ticks.from().isBefore(ticks.to())) {
            Window claims =
                    new Window(ticks.from().minus(CLAIM_SLACK), ticks.to().plus(CLAIM_SLACK));
            pieces.add(new Piece(ticks, claims, false));
        }
    }

    private static void countRolled(
            Handle handle, UUID job, Window hours, Instant origin, long width, TickTally[] tallies) {
        for (String sql : List.of(ROLLED_RUNS, ROLLED_DURATIONS, ROLLED_GAPS)) {
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
                            case ROLLED_DURATIONS -> tally.addDurations(row.getInt("slot"), row.getLong("runs"));
                            default -> tally.addGap(row.getString("reason"), row.getLong("ticks"));
                        }
                        return tally;
                    })
                    .list();
        }
    }

    private static void countRuns(
            Handle handle, UUID job, List<Piece> pieces, Instant origin, long width, TickTally[] tallies) {
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
                        int slot = row.getInt("slot");
                        if (!row.wasNull()) {
                            tally.addDurations(slot, runs);
                        }
                    }
                    return tally;
                })
                .list();
    }

    private static void countGaps(
            Handle handle, UUID job, List<Piece> pieces, Instant origin, long width, Instant now, TickTally[] tallies) {
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

    private static @Nullable String driftWarning(@Nullable Double p95, int intervalSeconds) {
        return p95 == null || p95 <= intervalSeconds * 1_000.0
                ? null
                : String.format(
                        Locale.ROOT,
                        "95 %% of runs end within %.0f ms, which is longer than the interval of %d s",
                        p95,
                        intervalSeconds);
    }

    private static Instant floor(Instant at, long seconds) {
        return Instant.ofEpochSecond(Math.floorDiv(at.getEpochSecond(), seconds) * seconds);
    }

    private static Instant ceiling(Instant at, long seconds) {
        Instant floor = floor(at, seconds);
        return floor.equals(at) ? at : floor.plusSeconds(seconds);
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

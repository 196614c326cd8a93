package io.asyncjobs.run.ledger;

import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.platform.problem.MalformedException;
import io.asyncjobs.platform.problem.Violation;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
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
    private static final long DAY = 86_400;

    /** Buckets shorter than an hour are counted from single runs, which takes time: not over more than this. */
    private static final Duration LONGEST_IN_DETAIL = Duration.ofHours(6);

    private static final List<Long> BUCKET_SECONDS = List.of(
            1L, 5L, 10L, 15L, 30L, 60L, 120L, 300L, 600L, 900L, 1_800L, Window.HOUR, 7_200L, 10_800L, 21_600L, 43_200L);

    /** With what is added to it, it still lies in a year that everybody reads. */
    private static final Instant LAST = Instant.parse("9999-12-31T00:00:00Z");

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
            HistoryProgress progress = HistoryProgress.read(handle);
            Window window = widened(asked, progress);
            int interval = configuredInterval(handle, job);
            TickTally tally = new TickTally();
            long width = Duration.between(window.from(), window.to()).toSeconds() + 1;
            new TickCount(handle, job, window.from(), width, new TickTally[] {tally}).count(window, progress, now);
            DurationHistogram durations = tally.durations();
            return new TicksView(
                    window.from(),
                    window.to(),
                    tally.expected(),
                    tally.ran(),
                    tally.late(),
                    tally.outcomes(),
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
            HistoryProgress progress = HistoryProgress.read(handle);
            Window window = widened(asked, progress);
            boolean inDetail = !window.from().isBefore(progress.detailsFrom())
                    && Duration.between(window.from(), window.to()).compareTo(LONGEST_IN_DETAIL) <= 0;
            long width = bucketSeconds(window, most, inDetail ? 1 : Window.HOUR);
            Instant since = Window.floor(window.from(), width);
            int number = bucketsOf(window, width);
            TickTally[] tallies = new TickTally[number];
            for (int i = 0; i < number; i++) {
                tallies[i] = new TickTally();
            }
            new TickCount(handle, job, since, width, tallies).count(new Window(since, window.to()), progress, now);
            List<TickSeriesView.Bucket> series = new ArrayList<>(number);
            for (int i = 0; i < number; i++) {
                TickTally tally = tallies[i];
                series.add(new TickSeriesView.Bucket(
                        since.plusSeconds(i * width),
                        tally.expected(),
                        tally.ran(),
                        tally.late(),
                        tally.outcomes(),
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

    private static int configuredInterval(Handle handle, UUID job) {
        return handle.createQuery("select poll_interval_seconds from job where id = :job")
                .bind("job", job)
                .mapTo(Integer.class)
                .one();
    }

    /** The window as it can be answered: an hour whose single runs have gone cannot be cut. */
    private static Window widened(Window asked, HistoryProgress progress) {
        Instant from = asked.from();
        Instant to = asked.to();
        if (from.isBefore(progress.detailsFrom())) {
            from = Window.floor(from, Window.HOUR);
        }
        if (to.isBefore(progress.detailsFrom())) {
            to = Window.ceiling(to, Window.HOUR);
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
        long micros = ChronoUnit.MICROS.between(Window.floor(window.from(), width), window.to());
        return Math.toIntExact(Math.ceilDiv(micros, width * 1_000_000));
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
}

package io.asyncjobs.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * How a service did in each of several periods of equal length: the ticks of the period, what became of them, and the
 * processor time.
 *
 * <p>A run belongs to the period of its tick, whenever it started.
 */
final class Timeline {

    /** A run that starts later after its tick counts as late. */
    static final int LATE_MILLIS = 200;

    private static final String PERIODS = """
            with period as (
                select n, ?::timestamptz + n * make_interval(secs => ?) as since,
                    ?::timestamptz + (n + 1) * make_interval(secs => ?) as until
                from generate_series(0, ?::int - 1) n
            ), asked as (
                select p.n, sum(ceil(extract(epoch from p.until - t.anchor) / t.interval_seconds)
                    - ceil(extract(epoch from greatest(p.since, t.anchor) - t.anchor) / t.interval_seconds))::bigint as ticks
                from period p join job_timer t on t.next_tick is not null and t.anchor < p.until
                group by p.n
            ), ran as (
                select p.n, count(*) as runs,
                    count(*) filter (where r.started_at - r.scheduled_for > make_interval(secs => ?)) as late,
                    percentile_cont(array[0.5, 0.99]) within group (
                        order by extract(epoch from r.started_at - r.scheduled_for)::double precision * 1000) as lateness
                from period p join run r on r.scheduled_for >= p.since and r.scheduled_for < p.until
                where r.trigger = 'timer'
                group by p.n
            ), missed as (
                select g.first_tick + i * make_interval(secs => g.interval_seconds) as tick
                from tick_gap g cross join generate_series(0, g.ticks - 1) i
            ), lost as (
                select p.n, count(*) as ticks
                from period p join missed m on m.tick >= p.since and m.tick < p.until
                group by p.n
            )
            select p.n, coalesce(a.ticks, 0), coalesce(r.runs, 0), coalesce(r.late, 0), coalesce(l.ticks, 0),
                r.lateness[1], r.lateness[2]
            from period p
                left join asked a on a.n = p.n
                left join ran r on r.n = p.n
                left join lost l on l.n = p.n
            order by p.n
            """;

    /**
     * One period.
     *
     * @param fromSecond when it began, in seconds after the beginning of all
     * @param asked ticks that fell due in it
     * @param run those of them that ran
     * @param late those of them that started more than {@link #LATE_MILLIS} after their tick
     * @param lost those that are part of a gap
     * @param p50Millis lateness of their runs, 0 if none ran
     * @param p99Millis lateness of their runs, 0 if none ran
     */
    record Period(
            int fromSecond,
            long asked,
            long run,
            long late,
            long lost,
            double p50Millis,
            double p99Millis,
            ProcessorTimes processor) {}

    private final BenchDatabase database;
    private final int periodSeconds;
    private final Instant from;
    private final List<ProcessorTimes> boundaries = new ArrayList<>();

    private Timeline(BenchDatabase database, int periodSeconds) throws SQLException {
        this.database = database;
        this.periodSeconds = periodSeconds;
        this.from = database.now();
    }

    /** Watches the service from now on for so many periods. */
    static Timeline watch(BenchDatabase database, BenchService service, int periodSeconds, int periods)
            throws IOException, InterruptedException, SQLException {
        Timeline timeline = new Timeline(database, periodSeconds);
        long begin = System.nanoTime();
        timeline.boundaries.add(ProcessorTimes.read(database, service));
        for (int period = 1; period <= periods; period++) {
            long left = begin + period * periodSeconds * 1_000_000_000L - System.nanoTime();
            if (left > 0) {
                Thread.sleep(left / 1_000_000, (int) (left % 1_000_000));
            }
            service.checkAlive();
            timeline.boundaries.add(ProcessorTimes.read(database, service));
        }
        return timeline;
    }

    /** Asks the history: some seconds after the last period, so that its last runs have started. */
    List<Period> periods() throws SQLException {
        List<Period> periods = new ArrayList<>();
        try (PreparedStatement select = database.connection().prepareStatement(PERIODS)) {
            select.setObject(1, from.atOffset(ZoneOffset.UTC));
            select.setInt(2, periodSeconds);
            select.setObject(3, from.atOffset(ZoneOffset.UTC));
            select.setInt(4, periodSeconds);
            select.setInt(5, boundaries.size() - 1);
            select.setDouble(6, LATE_MILLIS / 1_000.0);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    int n = row.getInt(1);
                    periods.add(new Period(
                            n * periodSeconds,
                            row.getLong(2),
                            row.getLong(3),
                            row.getLong(4),
                            row.getLong(5),
                            row.getDouble(6),
                            row.getDouble(7),
                            boundaries.get(n + 1).minus(boundaries.get(n))));
                }
            }
        }
        return periods;
    }

    /** The most of a figure in the periods that the condition names. */
    static double most(List<Period> periods, Predicate<Period> condition, ToDoubleFunction<Period> figure) {
        return periods.stream().filter(condition).mapToDouble(figure).max().orElse(0);
    }

    static void print(List<Period> periods, PrintStream out) {
        out.printf(
                "%8s %8s %8s %8s %8s %10s %10s %8s %8s %10s%n",
                "second", "asked", "run", "late", "lost", "p50 ms", "p99 ms", "node", "workers", "PostgreSQL");
        for (Period period : periods) {
            out.printf(
                    Locale.ROOT,
                    "%8d %8d %8d %8d %8d %10.1f %10.1f %8.2f %8.2f %10.2f%n",
                    period.fromSecond(),
                    period.asked(),
                    period.run(),
                    period.late(),
                    period.lost(),
                    period.p50Millis(),
                    period.p99Millis(),
                    period.processor().nodes(),
                    period.processor().workers(),
                    period.processor().postgres());
        }
        out.println();
    }

    static void put(List<Period> periods, ObjectNode result) {
        ArrayNode rows = result.putArray("periods");
        for (Period period : periods) {
            rows.addObject()
                    .put("fromSecond", period.fromSecond())
                    .put("asked", period.asked())
                    .put("run", period.run())
                    .put("late", period.late())
                    .put("lost", period.lost())
                    .put("p50Millis", period.p50Millis())
                    .put("p99Millis", period.p99Millis())
                    .put("nodeSeconds", period.processor().nodes())
                    .put("workerSeconds", period.processor().workers())
                    .put("postgresSeconds", period.processor().postgres());
        }
    }
}

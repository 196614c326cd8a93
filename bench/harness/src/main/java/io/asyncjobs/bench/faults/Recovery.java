package io.asyncjobs.bench.faults;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What came of one fault.
 *
 * @param seconds until every job had begun a new run
 * @param latestMillis how long after its tick the latest run began, of those whose node did not lose them
 * @param latestAtSeconds how long after the fault's beginning that tick was
 * @param gapTicks ticks from its beginning on that did not run because no node got to them
 * @param lostRuns runs from its beginning on that were lost
 */
record Recovery(double seconds, double latestMillis, double latestAtSeconds, long gapTicks, long lostRuns) {

    private static final String READ = """
            with since as (
                select ?::timestamptz as at
            ), latest as (
                select extract(epoch from r.started_at - r.scheduled_for) * 1000 as millis,
                    extract(epoch from r.scheduled_for - s.at) as seconds
                from run r, since s
                where r.trigger = 'timer' and r.scheduled_for > s.at and r.outcome is distinct from 'lost'
                    and r.started_at is not null
                order by r.started_at - r.scheduled_for desc
                limit 1
            )
            select coalesce((select millis from latest), 0)::double precision,
                coalesce((select seconds from latest), 0)::double precision,
                coalesce((select sum(g.ticks) from tick_gap g
                    where g.last_tick > s.at and g.reason not in ('overlap', 'paused')), 0)::bigint,
                (select count(*) from run r where r.outcome = 'lost' and r.finished_at > s.at
                    and r.scheduled_for > s.at - interval '1 minute')
            from since s
            """;

    /** What the tables say of the time since then, which is an instant of the database. */
    static Recovery read(Connection connection, double seconds, String since) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(READ)) {
            select.setString(1, since);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return new Recovery(seconds, row.getDouble(1), row.getDouble(2), row.getLong(3), row.getLong(4));
            }
        }
    }

    /** Of so many values that one which a part of them does not exceed. */
    static double quantile(List<Double> values, double part) {
        if (values.isEmpty()) {
            return Double.NaN;
        }
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        return sorted[Math.max(0, (int) Math.ceil(part * sorted.length) - 1)];
    }

    /** Sums up faults of one kind. */
    static void put(ObjectNode node, List<Recovery> all) {
        put(node.put("count", all.size()), "seconds", all, Recovery::seconds);
        put(node, "latestMillis", all, Recovery::latestMillis);
        put(node, "latestAtSeconds", all, Recovery::latestAtSeconds);
        put(node, "gapTicks", all, Recovery::gapTicks);
        put(node, "lostRuns", all, Recovery::lostRuns);
    }

    private static void put(ObjectNode node, String name, List<Recovery> all, ToDoubleFunction<Recovery> value) {
        List<Double> values = all.stream().map(value::applyAsDouble).toList();
        node.putObject(name).put("p50", rounded(quantile(values, 0.5))).put("max", rounded(quantile(values, 1)));
    }

    static double rounded(double value) {
        return Math.round(value * 10) / 10.0;
    }
}

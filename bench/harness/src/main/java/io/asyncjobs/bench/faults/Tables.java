package io.asyncjobs.bench.faults;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads what the service's tables hold. */
final class Tables {

    private interface Row<T> {
        T of(ResultSet row) throws SQLException;
    }

    private Tables() {}

    /** All that is needed for a history, as of one instant. */
    static History read(
            Connection connection,
            List<Report> reports,
            List<Change> changes,
            List<String> counting,
            List<String> probing)
            throws SQLException {
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        try {
            return new History(
                    reports,
                    changes,
                    rows(
                            connection,
                            "select id, name, archived, paused_at is not null, poll_interval_seconds from job",
                            row -> new History.Job(
                                    id(row, 1), row.getString(2), row.getBoolean(3), row.getBoolean(4), row.getInt(5))),
                    rows(
                            connection,
                            "select job_id, revision, archived, poll_interval_seconds, " + micros("saved_at")
                                    + ", reason from job_revision",
                            row -> new History.Revision(
                                    id(row, 1),
                                    row.getInt(2),
                                    row.getBoolean(3),
                                    row.getInt(4),
                                    row.getLong(5),
                                    row.getString(6))),
                    rows(
                            connection,
                            "select t.job_id, " + micros("t.next_tick")
                                    + ", t.interval_seconds, t.basis = j.schedule_changed_at, t.lease_run"
                                    + " from job_timer t join job j on j.id = t.job_id",
                            row -> new History.Timer(
                                    id(row, 1),
                                    number(row, 2),
                                    row.getInt(3),
                                    row.getBoolean(4),
                                    row.getObject(5, UUID.class))),
                    rows(
                            connection,
                            "select id, job_id, trigger = 'timer', " + micros("scheduled_for") + ", "
                                    + micros("started_at") + ", outcome, epoch, outcome = 'lost' and coalesce("
                                    + "error::json ->> 'message' ~ '^The (node .*that (ran|claimed) |end of this run )', true) from run",
                            row -> new History.Run(
                                    id(row, 1),
                                    id(row, 2),
                                    row.getBoolean(3),
                                    row.getLong(4),
                                    number(row, 5),
                                    row.getString(6),
                                    row.getLong(7),
                                    row.getBoolean(8))),
                    rows(
                            connection,
                            "select job_id, " + micros("first_tick")
                                    + ", ticks, interval_seconds, reason from tick_gap",
                            row -> new History.Gap(
                                    id(row, 1), row.getLong(2), row.getLong(3), row.getInt(4), row.getString(5))),
                    events(connection),
                    probes(connection),
                    rows(
                            connection,
                            "select job_id, value::bigint from job_state where key = 'n'",
                            row -> new History.StoredState(id(row, 1), row.getLong(2))),
                    counting,
                    probing);
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    /** Events that wait to be linked are as good as linked, and come after all others. */
    private static List<History.Event> events(Connection connection) throws SQLException {
        return rows(
                connection,
                """
                with event as (
                    select seq, action, job_id, run_id, reason, after from audit_event
                    where entity_type in ('job', 'run') and via <> 'script' and job_id is not null
                    union all
                    select position + 1000000000000, action, job_id, run_id, reason, after from audit_waiting w
                    where entity_type in ('job', 'run') and via <> 'script' and job_id is not null
                        and not exists (select from audit_event e where e.id = w.id)
                )
                select seq, action, job_id, run_id, reason,
                    (after::json ->> 'archived')::boolean,
                    case when after::jsonb ? 'pause' then (after::json ->> 'pause') is not null end,
                    (after::json ->> 'pollIntervalSeconds')::integer
                from event
                """,
                row -> new History.Event(
                        row.getLong(1),
                        row.getString(2),
                        id(row, 3),
                        row.getObject(4, UUID.class),
                        row.getString(5),
                        row.getObject(6, Boolean.class),
                        row.getObject(7, Boolean.class),
                        row.getObject(8, Integer.class)));
    }

    private static Map<UUID, Integer> probes(Connection connection) throws SQLException {
        Map<UUID, Integer> counts = new HashMap<>();
        rows(connection, """
                        select run_id, count(*) from (
                            select id, run_id from audit_event where entity_type = 'fault-probe'
                            union
                            select id, run_id from audit_waiting where entity_type = 'fault-probe'
                        ) probe
                        group by 1
                        """, row -> Map.entry(id(row, 1), row.getInt(2)))
                .forEach(entry -> counts.put(entry.getKey(), entry.getValue()));
        return counts;
    }

    private static <T> List<T> rows(Connection connection, String query, Row<T> mapper) throws SQLException {
        List<T> all = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(10_000);
            try (ResultSet rows = statement.executeQuery(query)) {
                while (rows.next()) {
                    all.add(mapper.of(rows));
                }
            }
        }
        return all;
    }

    private static String micros(String instant) {
        return "(extract(epoch from " + instant + ") * 1000000)::bigint";
    }

    private static UUID id(ResultSet row, int column) throws SQLException {
        return row.getObject(column, UUID.class);
    }

    private static @Nullable Long number(ResultSet row, int column) throws SQLException {
        return row.getObject(column, Long.class);
    }
}

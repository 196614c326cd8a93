package io.asyncjobs.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a benchmark of the real service measured, printed and written as JSON when it ends. */
final class Measurement {

    private static final double MEBIBYTE = 1024.0 * 1024.0;

    /** Measures in a folder of its own. */
    interface Scenario {
        void run(Path folder) throws IOException, InterruptedException, SQLException;
    }

    private final PrintStream out;
    private final ObjectNode result = new ObjectMapper().createObjectNode();

    Measurement(PrintStream out) {
        this.out = out;
    }

    ObjectNode result() {
        return result;
    }

    void of(@Nullable Path jsonFile, Scenario scenario) throws IOException, InterruptedException, SQLException {
        Path folder = Files.createTempDirectory("asyncjobs-bench-");
        try {
            scenario.run(folder);
        } finally {
            delete(folder);
        }
        print();
        if (jsonFile != null) {
            Files.writeString(jsonFile, result.toPrettyString() + "\n");
        }
    }

    void begin(BenchDatabase database, String scenario, boolean withScripts) throws SQLException {
        result.put("scenario", scenario)
                .put("scripts", withScripts)
                .put("database", database.describe())
                .put("java", Runtime.version().toString())
                .put("cores", Runtime.getRuntime().availableProcessors());
    }

    /** Returns how many runs started in the window. */
    long putTicks(BenchDatabase database, Instant from, Instant to) throws SQLException {
        try (PreparedStatement select = database.connection().prepareStatement("""
                with bounds as (
                    select ?::timestamptz as since, ?::timestamptz as until
                ), demanded as (
                    select sum(ceil(extract(epoch from until - anchor) / interval_seconds)
                        - ceil(extract(epoch from greatest(since, anchor) - anchor) / interval_seconds))::bigint as ticks
                    from job_timer, bounds
                    where anchor < until and next_tick is not null
                ), ran as (
                    select count(*) as runs,
                        count(distinct (job_id, scheduled_for)) as ticks,
                        count(*) filter (where started_at < until + interval '1 second') as in_time,
                        count(*) filter (where outcome is distinct from 'succeeded') as unsuccessful
                    from run, bounds
                    where trigger = 'timer' and scheduled_for >= since and scheduled_for < until
                ), gaps as (
                    select coalesce(sum(
                        least(ticks, ticks_until(first_tick, interval_seconds, until - interval '1 microsecond'))
                        - least(ticks, ticks_until(first_tick, interval_seconds, since - interval '1 microsecond'))), 0)::bigint
                            as ticks,
                        string_agg(distinct reason, ', ') as reasons
                    from tick_gap, bounds
                    where first_tick < until and last_tick >= since
                ), waiting as (
                    -- For a place, or for the end of a run, which turns them into a gap
                    select coalesce(sum(ticks_until(next_tick, interval_seconds, until - interval '1 microsecond')), 0)::bigint
                        as ticks
                    from job_timer, bounds
                    where next_tick >= since and next_tick < until
                ), started as (
                    select count(*) as runs,
                        percentile_cont(array[0, 0.5, 0.95, 0.99, 1]) within group (
                            order by extract(epoch from started_at - scheduled_for)::double precision * 1000) as late
                    from run, bounds
                    where started_at >= since and started_at < until
                )
                select d.ticks, r.runs, r.ticks, r.in_time, r.unsuccessful, g.ticks, g.reasons, s.runs,
                    s.late[1], s.late[2], s.late[3], s.late[4], s.late[5], extract(epoch from until - since)::double precision,
                    w.ticks
                from bounds, demanded d, ran r, gaps g, started s, waiting w
                """)) {
            select.setObject(1, from.atOffset(ZoneOffset.UTC));
            select.setObject(2, to.atOffset(ZoneOffset.UTC));
            try (ResultSet row = select.executeQuery()) {
                row.next();
                long demanded = row.getLong(1);
                long started = row.getLong(8);
                double seconds = row.getDouble(14);
                result.put("demandedPerSecond", demanded / seconds)
                        .put("achievedPerSecond", started / seconds)
                        .put("ticksDemanded", demanded)
                        .put("ticksRun", row.getLong(3))
                        .put("ticksInGaps", row.getLong(6))
                        .put("gapReasons", row.getString(7))
                        .put("ticksWaiting", row.getLong(15))
                        .put("ticksUnaccounted", demanded - row.getLong(3) - row.getLong(6) - row.getLong(15))
                        .put("ticksRunTwice", row.getLong(2) - row.getLong(3))
                        .put("missed", demanded - row.getLong(4))
                        .put("unsuccessful", row.getLong(5));
                result.putObject("latenessMillis")
                        .put("min", row.getDouble(9))
                        .put("p50", row.getDouble(10))
                        .put("p95", row.getDouble(11))
                        .put("p99", row.getDouble(12))
                        .put("max", row.getDouble(13));
                return started;
            }
        }
    }

    void putMemory(BenchDatabase database, BenchService service) throws SQLException, IOException {
        List<ProcessMeter.Usage> all = ProcessMeter.isSupported() ? ProcessMeter.all() : List.of();
        ObjectNode memory = result.putObject("residentMebibytes");
        memory.put(
                "node",
                service.pids().stream()
                        .mapToDouble(ProcessMeter::residentMebibytes)
                        .sum());
        memory.put(
                "workers",
                service.pids().stream()
                        .flatMap(pid -> ProcessMeter.childrenOf(all, pid).stream())
                        .mapToDouble(ProcessMeter::residentMebibytes)
                        .sum());
        result.put(
                "databaseMebibytes",
                Long.parseLong(database.text("select pg_database_size(current_database())")) / MEBIBYTE);
        result.put("hotUpdates", Double.parseDouble(database.text("""
                select coalesce(sum(n_tup_hot_upd)::double precision / nullif(sum(n_tup_upd), 0), 1)
                from pg_stat_user_tables where relname = 'job_timer' or relname like 'run\\_%'
                """)));
        List<String> complaints = service.complaints();
        complaints.forEach(System.err::println);
        result.put("complaints", complaints.size());
    }

    private void print() {
        result.properties().forEach(field -> {
            if (field.getValue().isObject()) {
                StringBuilder line = new StringBuilder();
                field.getValue().properties().forEach(part -> line.append("  ")
                        .append(part.getKey())
                        .append(' ')
                        .append(rounded(part.getValue().asDouble())));
                out.printf("%-24s%s%n", field.getKey(), line);
            } else {
                out.printf(
                        "%-24s  %s%n",
                        field.getKey(),
                        field.getValue().isDouble()
                                ? rounded(field.getValue().asDouble())
                                : field.getValue().asText());
            }
        });
    }

    private static String rounded(double value) {
        double size = Math.abs(value);
        return String.format(
                Locale.ROOT, size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.4f", value);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}

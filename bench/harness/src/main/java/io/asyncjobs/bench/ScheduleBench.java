package io.asyncjobs.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.script.ScriptSource;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code bench schedule} and {@code bench drain}: timers of the real service, started as a process of its own on an empty
 * database, watched through the operating system and through the rows it leaves.
 *
 * <p>Lateness is what the history says: start minus tick. A tick of the window counts as missed when its run had not
 * started a second after the window.
 */
public final class ScheduleBench {

    private static final String TRIVIAL = "return 1;";
    /** Not the history: as long as it is empty, its size is better guessed. */
    private static final String ANALYZE = "analyze job, job_revision, script";

    private static final String WARM_UP = "warm-up";

    private static final int PROGRESS_SECONDS = 5;
    private static final int SETTLE_MILLIS = 1_500;
    private static final int LOOK_MILLIS = 100;
    private static final int DRAIN_PATIENCE_SECONDS = 120;
    private static final int DRAIN_INTERVAL = 300;
    private static final int DRAIN_WARM_UP_JOBS = 2_000;
    private static final double MEBIBYTE = 1024.0 * 1024.0;

    /**
     * The database to measure on.
     *
     * @param jdbcUrl null for an embedded one
     */
    public record Target(@Nullable String jdbcUrl, String username, String password) {}

    /**
     * An even load: so many jobs every so many seconds, measured for a time after a warm-up.
     *
     * @param nodes so many processes of the service share the jobs
     * @param warmUpJobs so many jobs of a second run beside the others during the warm-up, like the hours a service has been up
     * @param calmSeconds so long after the warm-up all runs as it does when it is measured; ten minutes let PostgreSQL write
     *     what the warm-up changed
     */
    public record Load(
            int nodes,
            int jobs,
            int intervalSeconds,
            int seconds,
            int warmUpSeconds,
            int warmUpJobs,
            int calmSeconds) {}

    /** How long what took until now, and what it has done. */
    private record Reading(
            long nanoTime, double nodes, double workers, double postgres, double machine, BenchDatabase.Cost cost) {}

    private final Path launcher;
    private final Target target;
    private final boolean withScripts;
    private final PrintStream out;
    private final ObjectNode result = new ObjectMapper().createObjectNode();

    /**
     * @param launcher the script that starts the service
     * @param withScripts whether that service executes scripts; without them its runs end at once
     */
    public ScheduleBench(Path launcher, Target target, boolean withScripts, PrintStream out) {
        this.launcher = launcher;
        this.target = target;
        this.withScripts = withScripts;
        this.out = out;
    }

    /** Measures an even load. */
    public void schedule(Load load, @Nullable Path jsonFile) throws IOException, InterruptedException, SQLException {
        measured(jsonFile, folder -> {
            try (BenchDatabase database = open(folder)) {
                begin(database, "schedule");
                result.put("nodes", load.nodes())
                        .put("jobs", load.jobs())
                        .put("intervalSeconds", load.intervalSeconds())
                        .put("seconds", load.seconds());
                addJobs(database, "bench", load.jobs(), load.intervalSeconds());
                addJobs(database, WARM_UP, load.warmUpJobs(), 1);
                database.execute(ANALYZE);
                Instant spawned = now(database);
                try (BenchService service = BenchService.start(launcher, folder, database, withScripts, load.nodes())) {
                    wait(service, "warming up", load.warmUpSeconds(), () -> runsSoFar(database));
                    if (load.warmUpJobs() > 0) {
                        endWarmUp(database);
                    }
                    wait(service, "calming down", load.calmSeconds(), () -> runsSoFar(database));
                    Instant from = now(database);
                    Reading before = read(database, service);
                    // To ask how many runs there are would be measured too
                    wait(service, "measuring", load.seconds(), () -> "");
                    Reading after = read(database, service);
                    Instant to = now(database);
                    Thread.sleep(SETTLE_MILLIS);
                    result.put("startToFirstRunSeconds", startToFirstRun(database, spawned));
                    long runs = putTicks(database, from, to);
                    putCosts(before, after, runs);
                    putMemory(database, service);
                }
            }
        });
    }

    /** So many jobs that are overdue all at once: how long until each has run. */
    public void drain(int jobs, int warmUpSeconds, @Nullable Path jsonFile)
            throws IOException, InterruptedException, SQLException {
        measured(jsonFile, folder -> {
            try (BenchDatabase database = open(folder)) {
                begin(database, "drain");
                result.put("jobs", jobs);
                addJobs(database, WARM_UP, DRAIN_WARM_UP_JOBS, 1);
                database.execute(ANALYZE);
                try (BenchService service = BenchService.start(launcher, folder, database, withScripts, 1)) {
                    wait(service, "warming up", warmUpSeconds, () -> runsSoFar(database));
                    endWarmUp(database);
                    awaitIdle(database, service);
                    // Nobody sees them before all are there
                    database.connection().setAutoCommit(false);
                    addOverdueJobs(database, jobs);
                    database.connection().commit();
                    database.connection().setAutoCommit(true);
                    Instant go = now(database);
                    Reading before = read(database, service);
                    awaitDrained(database, service, jobs, go);
                    Reading after = read(database, service);
                    Thread.sleep(SETTLE_MILLIS);
                    Reading settled = read(database, service);
                    putDrain(database, go, before, after, settled);
                    putMemory(database, service);
                }
            }
        });
    }

    private interface Scenario {
        void run(Path folder) throws IOException, InterruptedException, SQLException;
    }

    private void measured(@Nullable Path jsonFile, Scenario scenario)
            throws IOException, InterruptedException, SQLException {
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

    private BenchDatabase open(Path folder) throws IOException, InterruptedException, SQLException {
        return BenchDatabase.open(target.jdbcUrl(), target.username(), target.password(), folder.resolve("database"));
    }

    private void begin(BenchDatabase database, String scenario) throws SQLException {
        result.put("scenario", scenario)
                .put("scripts", withScripts)
                .put("database", database.describe())
                .put("java", Runtime.version().toString())
                .put("cores", Runtime.getRuntime().availableProcessors());
    }

    // ---- Jobs ----

    /** With timers of their own, whose first ticks are past. */
    private static void addOverdueJobs(BenchDatabase database, int jobs) throws SQLException {
        addJobs(database, "drain", jobs, DRAIN_INTERVAL);
        database.execute("""
                insert into job_timer (job_id, basis, anchor, interval_seconds, paused, next_tick, epoch)
                select id, schedule_changed_at, tick, poll_interval_seconds, false, tick, 0
                from (
                    select *, now() - make_interval(secs => 0.00005 * row_number() over ()) as tick
                    from job where name_key like 'drain-%'
                ) overdue
                """);
    }

    private static void endWarmUp(BenchDatabase database) throws SQLException {
        database.execute(
                "update job set archived = true, schedule_changed_at = clock_timestamp() where name_key like ?",
                WARM_UP + "-%");
    }

    private static void addJobs(BenchDatabase database, String prefix, int jobs, int intervalSeconds)
            throws SQLException {
        ScriptSource script = ScriptSource.of(TRIVIAL);
        database.execute("""
                insert into script (sha256, md5, content, created_at) values (?, ?, ?, now())
                on conflict (sha256) do nothing
                """, script.sha256(), script.md5(), script.utf8());
        database.execute("""
                insert into job (id, name, name_key, archived, poll_interval_seconds, timeout_seconds, script_sha256,
                    parameters, revision, version, schedule_changed_at, created_at, created_by, updated_at, updated_by)
                select gen_random_uuid(), name, name, false, ?, 60, ?, '{}', 1, 1, now(), now(), 'bench', now(), 'bench'
                from (select ? || '-' || n as name from generate_series(1, ?) n) job
                """, intervalSeconds, script.sha256(), prefix, jobs);
        database.execute("""
                insert into job_revision (job_id, revision, change, name, archived, poll_interval_seconds, timeout_seconds,
                    script_sha256, parameters, saved_at, saved_by)
                select id, 1, 'created', name, false, poll_interval_seconds, timeout_seconds, script_sha256, parameters, now(),
                    'bench'
                from job j
                where not exists (select from job_revision r where r.job_id = j.id)
                """);
    }

    // ---- Waiting ----

    private interface Detail {
        String text() throws SQLException;
    }

    private static void wait(BenchService service, String what, int seconds, Detail detail)
            throws IOException, InterruptedException, SQLException {
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            service.checkAlive();
            System.err.printf(
                    Locale.ROOT, "%s: %d s left%s%n", what, Math.ceilDiv(left, 1_000_000_000L), detail.text());
            Thread.sleep(Math.min(PROGRESS_SECONDS * 1_000L, Math.max(1, left / 1_000_000)));
        }
    }

    /** As the statistics have it: counting the rows would cost what is measured. */
    private static String runsSoFar(BenchDatabase database) throws SQLException {
        return ", " + database.text("""
                select coalesce(sum(s.n_tup_ins), 0)
                from pg_inherits i join pg_stat_user_tables s on s.relid = i.inhrelid
                where i.inhparent = 'run'::regclass
                """) + " runs so far";
    }

    private static void awaitIdle(BenchDatabase database, BenchService service)
            throws IOException, InterruptedException, SQLException {
        do {
            service.checkAlive();
            Thread.sleep(SETTLE_MILLIS);
        } while (!"0"
                .equals(database.text("select count(*) from job_timer where next_tick is not null and lease_run is"
                        + " null or lease_run is not null")));
    }

    private static void awaitDrained(BenchDatabase database, BenchService service, int jobs, Instant go)
            throws IOException, InterruptedException, SQLException {
        long end = System.nanoTime() + DRAIN_PATIENCE_SECONDS * 1_000_000_000L;
        while (System.nanoTime() < end) {
            service.checkAlive();
            // Ends at the first one it finds: counting all would take a good part of a processor
            if ("f".equals(database.text("""
                    select exists (
                        select from job_timer where next_tick <= clock_timestamp() or lease_run is not null)
                    """))) {
                return;
            }
            Thread.sleep(LOOK_MILLIS);
        }
        throw new IOException("Not all of " + jobs + " jobs have run within " + DRAIN_PATIENCE_SECONDS + " s of " + go);
    }

    // ---- What came of it ----

    private Reading read(BenchDatabase database, BenchService service) throws IOException, SQLException {
        List<ProcessMeter.Usage> all = ProcessMeter.isSupported() ? ProcessMeter.all() : List.of();
        OptionalLong postmaster = database.postmasterPid();
        return new Reading(
                System.nanoTime(),
                service.pids().stream()
                        .mapToDouble(pid -> ProcessMeter.own(all, pid))
                        .sum(),
                service.pids().stream()
                        .mapToDouble(pid -> ProcessMeter.children(all, pid))
                        .sum(),
                postmaster.isPresent()
                        ? ProcessMeter.own(all, postmaster.getAsLong())
                                + ProcessMeter.children(all, postmaster.getAsLong())
                        : Double.NaN,
                ProcessMeter.isSupported() ? ProcessMeter.machine() : Double.NaN,
                database.cost());
    }

    private static Instant now(BenchDatabase database) throws SQLException {
        try (PreparedStatement select = database.connection().prepareStatement("select clock_timestamp()");
                ResultSet row = select.executeQuery()) {
            row.next();
            return row.getObject(1, OffsetDateTime.class).toInstant();
        }
    }

    private static double startToFirstRun(BenchDatabase database, Instant spawned) throws SQLException {
        String first = database.text("select (extract(epoch from min(started_at)) * 1000)::bigint from run");
        return first == null ? Double.NaN : (Long.parseLong(first) - spawned.toEpochMilli()) / 1e3;
    }

    /** Returns how many runs started in the window. */
    private long putTicks(BenchDatabase database, Instant from, Instant to) throws SQLException {
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

    private void putDrain(BenchDatabase database, Instant go, Reading before, Reading after, Reading settled)
            throws SQLException {
        try (PreparedStatement select = database.connection().prepareStatement("""
                select count(*), count(*) filter (where r.outcome = 'succeeded'),
                    extract(epoch from max(r.started_at) - ?)::double precision,
                    extract(epoch from max(r.finished_at) - ?)::double precision
                from run r join job j on j.id = r.job_id
                where j.name_key like 'drain-%'
                """)) {
            select.setObject(1, Timestamp.from(go));
            select.setObject(2, Timestamp.from(go));
            try (ResultSet row = select.executeQuery()) {
                row.next();
                long runs = row.getLong(1);
                double seconds = row.getDouble(4);
                result.put("drained", runs)
                        .put("succeeded", row.getLong(2))
                        .put("lastStartSeconds", row.getDouble(3))
                        .put("drainSeconds", seconds)
                        .put("runsPerSecond", runs / seconds);
                putCosts(
                        before,
                        new Reading(
                                after.nanoTime(),
                                after.nodes(),
                                after.workers(),
                                after.postgres(),
                                after.machine(),
                                // Backends tell of their transactions once a second
                                settled.cost()),
                        runs);
            }
        }
    }

    private void putCosts(Reading before, Reading after, long runs) {
        double seconds = (after.nanoTime() - before.nanoTime()) / 1e9;
        double node = after.nodes() - before.nodes();
        double workers = after.workers() - before.workers();
        double postgres = after.postgres() - before.postgres();
        double thousands = runs / 1000.0;
        result.putObject("cpuSecondsPer1000Runs")
                .put("node", node / thousands)
                .put("workers", workers / thousands)
                .put("postgres", postgres / thousands)
                .put("all", (node + workers + postgres) / thousands);
        result.putObject("coresUsed")
                .put("node", node / seconds)
                .put("workers", workers / seconds)
                .put("postgres", postgres / seconds)
                .put("others", Math.max(0, after.machine() - before.machine() - node - workers - postgres) / seconds);
        result.put("transactionsPerRun", (after.cost().commits() - before.cost().commits()) / (double) runs)
                .put("walBytesPerRun", (after.cost().walBytes() - before.cost().walBytes()) / (double) runs);
    }

    private void putMemory(BenchDatabase database, BenchService service) throws SQLException, IOException {
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

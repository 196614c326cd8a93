package io.asyncjobs.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code bench schedule} and {@code bench drain}: timers of the real service, started as a process of its own on an empty
 * database, watched through the operating system and through the rows it leaves.
 *
 * <p>Lateness is what the history says: start minus tick. A tick of the window counts as missed when its run had not
 * started a second after the window.
 */
public final class ScheduleBench {

    private static final int SETTLE_MILLIS = 1_500;
    private static final int LOOK_MILLIS = 100;
    private static final int SECONDS_OF_MINUTE = 60;
    private static final int DRAIN_PATIENCE_SECONDS = 120;
    private static final int DRAIN_WARM_UP_JOBS = 2_000;

    /**
     * The database to measure on.
     *
     * @param jdbcUrl null for an embedded one
     */
    public record Target(@Nullable String jdbcUrl, String username, String password) {

        BenchDatabase open(Path folder) throws IOException, InterruptedException, SQLException {
            return BenchDatabase.open(jdbcUrl, username, password, folder.resolve("database"));
        }
    }

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
    private record Reading(long nanoTime, ProcessorTimes processor, double machine, BenchDatabase.Cost cost) {}

    private final Path launcher;
    private final Target target;
    private final boolean withScripts;
    private final PrintStream out;
    private final Measurement measurement;
    private final ObjectNode result;

    /**
     * @param launcher the script that starts the service
     * @param withScripts whether that service executes scripts; without them its runs end at once
     */
    public ScheduleBench(Path launcher, Target target, boolean withScripts, PrintStream out) {
        this.launcher = launcher;
        this.target = target;
        this.withScripts = withScripts;
        this.out = out;
        this.measurement = new Measurement(out);
        this.result = measurement.result();
    }

    /** Measures an even load; of one that lasts minutes also how each of them was. */
    public void schedule(Load load, @Nullable Path jsonFile) throws IOException, InterruptedException, SQLException {
        measurement.of(jsonFile, folder -> {
            try (BenchDatabase database = target.open(folder)) {
                measurement.begin(database, "schedule", withScripts);
                result.put("nodes", load.nodes())
                        .put("jobs", load.jobs())
                        .put("intervalSeconds", load.intervalSeconds())
                        .put("seconds", load.seconds());
                BenchJobs.add(database, "bench", load.jobs(), load.intervalSeconds());
                BenchJobs.add(database, BenchJobs.WARM_UP, load.warmUpJobs(), 1);
                BenchJobs.analyze(database);
                Instant spawned = database.now();
                try (BenchService service = BenchService.start(launcher, folder, database, withScripts, load.nodes())) {
                    service.watch("warming up", load.warmUpSeconds(), () -> runsSoFar(database));
                    if (load.warmUpJobs() > 0) {
                        BenchJobs.endWarmUp(database);
                    }
                    service.watch("calming down", load.calmSeconds(), () -> runsSoFar(database));
                    Instant from = database.now();
                    Reading before = read(database, service);
                    int minutes = load.seconds() / SECONDS_OF_MINUTE;
                    Timeline timeline = Timeline.watch(database, service, SECONDS_OF_MINUTE, minutes);
                    // To ask how many runs there are would be measured too
                    service.watch("measuring", load.seconds() - minutes * SECONDS_OF_MINUTE, () -> "");
                    Reading after = read(database, service);
                    Instant to = database.now();
                    Thread.sleep(SETTLE_MILLIS);
                    result.put("startToFirstRunSeconds", startToFirstRun(database, spawned));
                    if (minutes > 1) {
                        List<Timeline.Period> periods = timeline.periods();
                        Timeline.print(periods, out);
                        Timeline.put(periods, result);
                    }
                    long runs = measurement.putTicks(database, from, to);
                    putCosts(before, after, runs);
                    measurement.putMemory(database, service);
                }
            }
        });
    }

    /** So many jobs that are overdue all at once: how long until each has run. */
    public void drain(int jobs, int warmUpSeconds, @Nullable Path jsonFile)
            throws IOException, InterruptedException, SQLException {
        measurement.of(jsonFile, folder -> {
            try (BenchDatabase database = target.open(folder)) {
                measurement.begin(database, "drain", withScripts);
                result.put("jobs", jobs);
                BenchJobs.add(database, BenchJobs.WARM_UP, DRAIN_WARM_UP_JOBS, 1);
                BenchJobs.analyze(database);
                try (BenchService service = BenchService.start(launcher, folder, database, withScripts, 1)) {
                    service.watch("warming up", warmUpSeconds, () -> runsSoFar(database));
                    BenchJobs.endWarmUp(database);
                    awaitIdle(database, service);
                    // Nobody sees them before all are there
                    database.connection().setAutoCommit(false);
                    BenchJobs.addOverdue(database, jobs);
                    database.connection().commit();
                    database.connection().setAutoCommit(true);
                    Instant go = database.now();
                    Reading before = read(database, service);
                    awaitDrained(database, service, jobs, go);
                    Reading after = read(database, service);
                    Thread.sleep(SETTLE_MILLIS);
                    Reading settled = read(database, service);
                    putDrain(database, go, before, after, settled);
                    measurement.putMemory(database, service);
                }
            }
        });
    }

    // ---- Waiting ----

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

    private static Reading read(BenchDatabase database, BenchService service) throws IOException, SQLException {
        return new Reading(
                System.nanoTime(),
                ProcessorTimes.read(database, service),
                ProcessMeter.isSupported() ? ProcessMeter.machine() : Double.NaN,
                database.cost());
    }

    private static double startToFirstRun(BenchDatabase database, Instant spawned) throws SQLException {
        String first = database.text("select (extract(epoch from min(started_at)) * 1000)::bigint from run");
        return first == null ? Double.NaN : (Long.parseLong(first) - spawned.toEpochMilli()) / 1e3;
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
                                after.processor(),
                                after.machine(),
                                // Backends tell of their transactions once a second
                                settled.cost()),
                        runs);
            }
        }
    }

    private void putCosts(Reading before, Reading after, long runs) {
        double seconds = (after.nanoTime() - before.nanoTime()) / 1e9;
        ProcessorTimes used = after.processor().minus(before.processor());
        double thousands = runs / 1000.0;
        result.putObject("cpuSecondsPer1000Runs")
                .put("node", used.nodes() / thousands)
                .put("workers", used.workers() / thousands)
                .put("postgres", used.postgres() / thousands)
                .put("all", used.all() / thousands);
        result.putObject("coresUsed")
                .put("node", used.nodes() / seconds)
                .put("workers", used.workers() / seconds)
                .put("postgres", used.postgres() / seconds)
                .put("others", Math.max(0, after.machine() - before.machine() - used.all()) / seconds);
        result.put("transactionsPerRun", (after.cost().commits() - before.cost().commits()) / (double) runs)
                .put("walBytesPerRun", (after.cost().walBytes() - before.cost().walBytes()) / (double) runs);
    }
}

package io.asyncjobs.bench.faults;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.bench.ProcessMeter;
import io.asyncjobs.platform.DataFolder;
import io.asyncjobs.platform.crypto.KeyRing;
import io.asyncjobs.security.EmbeddedIssuer;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code bench faults}: nodes of the built service on one PostgreSQL, a hundred jobs, faults without end, and a check of all
 * that came of it.
 */
public final class FaultsBench {

    /** Not the one for threads: that takes a lock for each look at the clock, which slows a node down tenfold. */
    private static final Path FAKETIME = Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1");

    /** So long beyond that time a silent job is watched, to tell whether it comes back at all. */
    private static final long STUCK_MILLIS = 30_000;

    /** What is left over of the last faults has ended by then. */
    private static final long SETTLE_MILLIS = 10_000;

    private static final long CALM_MILLIS = 1_500;
    private static final long WARM_UP_MILLIS = 6_000;
    /** No job's script may take longer than ten seconds; what holds a lease for longer does not run. */
    private static final int LEASE_SECONDS = 20;

    private static final int THREADS_TOLERATED = 40;
    private static final int HEAP_TOLERATED_MEBIBYTES = 96;
    private static final int PROCESSES_TOLERATED = 2;
    private static final int CONNECTIONS_TOLERATED = 30;
    private static final int EVIDENCE_SHOWN = 30;

    /**
     * What is to be done.
     *
     * @param alone whether each fault comes alone, beside jobs that are all of a second, to tell how long each takes
     * @param silenceSeconds how long after the last fault a job may stay without a new run, beside its interval
     * @param environment more variables for the nodes
     * @param folder where logs are kept; removed afterwards where it is not given and nothing was found
     */
    public record Options(
            long seconds,
            long seed,
            int nodes,
            int jobs,
            Set<FaultKind> kinds,
            boolean alone,
            int silenceSeconds,
            Map<String, String> environment,
            Optional<Path> folder,
            Optional<Path> json) {

        public Options {
            kinds = Set.copyOf(kinds);
            environment = Map.copyOf(environment);
        }
    }

    private final Path launcher;
    private final Options options;
    private final PrintStream out;
    private final long origin = System.nanoTime();
    /** Connections that a fault has silenced may have to be given up before the service can answer. */
    private static final int VERIFY_ATTEMPTS = 4;

    private final List<Violation> violations = new ArrayList<>();
    private final List<Nemesis.Made> made = new ArrayList<>();
    private final Map<FaultKind, List<Recovery>> recoveries = new EnumMap<>(FaultKind.class);
    private final List<Double> burstRecoveries = new ArrayList<>();
    /** Jobs that have not run for long, and of which that was told; until they run again. */
    private final Set<String> stuck = new HashSet<>();

    /** What has to be put away in the end, in that order. */
    private final Deque<AutoCloseable> closing = new ConcurrentLinkedDeque<>();

    private final Set<String> leasesTold = new HashSet<>();
    private final Map<UUID, Integer> ends = new HashMap<>();
    private final ObjectNode result = new ObjectMapper().createObjectNode();

    public FaultsBench(Path launcher, Options options, PrintStream out) {
        this.launcher = launcher;
        this.options = options;
        this.out = out;
    }

    /** What a node needs of the machine. */
    private record Footprint(long threads, double heapMebibytes, int processes) {}

    /** What came of it: how often a promise was broken, and under what. */
    public record Findings(int violations, int faults, long runs) {}

    /** Runs all of it and tells what was found. */
    public Findings run() throws IOException, InterruptedException, SQLException {
        Path folder = options.folder().isPresent()
                ? Files.createDirectories(options.folder().get().toAbsolutePath())
                : Files.createTempDirectory("asyncjobs-faults-");
        try (Stream<Path> files = Files.list(folder)) {
            if (files.findAny().isPresent()) {
                throw new IOException(folder + " is not empty: give another folder, since what an earlier run left"
                        + " there would be taken for this one's");
            }
        }
        say("seed %d, %d nodes, %d jobs, %d s; logs in %s"
                .formatted(options.seed(), options.nodes(), options.jobs(), options.seconds(), folder));
        Optional<SmallDisk> disk =
                options.kinds().contains(FaultKind.DISK_FULL) ? SmallDisk.in(folder) : Optional.empty();
        if (options.kinds().contains(FaultKind.DISK_FULL) && disk.isEmpty()) {
            say("No full disk: that needs a file system of its own, which only the superuser can mount");
        }
        Optional<Path> clockFile = Optional.empty();
        if (options.kinds().contains(FaultKind.CLOCK_STEP)) {
            if (Files.exists(FAKETIME)) {
                clockFile = Optional.of(folder.resolve("clock"));
                Nemesis.setClock(clockFile.get(), "+0");
            } else {
                say("No stepping clocks: " + FAKETIME + " is missing (Debian: apt-get install faketime)");
            }
        }
        disk.ifPresent(closing::addFirst);
        // Whoever ends the harness early finds no process of it left
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(closing), "faults-close"));
        try (Recorder recorder = new Recorder(origin)) {
            FaultsDatabase database = FaultsDatabase.start(
                    disk.map(SmallDisk::folder).orElse(folder).resolve("database"));
            closing.addFirst(database);
            onDatabase(folder, database, disk.orElse(null), clockFile.orElse(null), recorder);
        } catch (IOException | InterruptedException | SQLException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        } finally {
            close(closing);
        }
        report();
        if (options.folder().isEmpty() && violations.isEmpty()) {
            delete(folder);
        }
        return new Findings(violations.size(), made.size(), result.path("runs").asLong());
    }

    private void onDatabase(
            Path folder, FaultsDatabase database, @Nullable SmallDisk disk, @Nullable Path clockFile, Recorder recorder)
            throws Exception {
        Path data = folder.resolve("service");
        String token =
                EmbeddedIssuer.in(DataFolder.at(data)).token("harness", List.of("superadmin"), Duration.ofHours(24));
        Map<String, String> shared = new HashMap<>(options.environment());
        shared.put("ASYNCJOBS_ENCRYPTION_KEYS", KeyRing.newKey("bench"));
        shared.put("ASYNCJOBS_AUDIT_KEYS", KeyRing.newKey("bench"));
        // The database takes a hundred sessions, of which some may be held by nodes that are gone
        shared.putIfAbsent("QUARKUS_DATASOURCE_JDBC_MAX_SIZE", Integer.toString(60 / options.nodes()));
        // A worker that is killed all the time would do nothing but compile, with the processors of all nodes
        shared.putIfAbsent("ASYNCJOBS_SCRIPT_COMPILE", "false");
        List<ServiceNode> nodes = new ArrayList<>();
        List<TcpProxy> proxies = new ArrayList<>();
        try (ApiClient api = new ApiClient(token)) {
            for (int i = 0; i < options.nodes(); i++) {
                TcpProxy proxy = new TcpProxy(database.port(), options.seed() + i);
                proxies.add(proxy);
                Map<String, String> environment = new HashMap<>(shared);
                environment.putAll(database.environment(proxy.port()));
                if (i == 0 && clockFile != null) {
                    environment.put("LD_PRELOAD", FAKETIME.toString());
                    environment.put("FAKETIME_TIMESTAMP_FILE", clockFile.toString());
                    environment.put("FAKETIME_CACHE_DURATION", "1");
                    environment.put("DONT_FAKE_MONOTONIC", "1");
                    // The JVM compares the times of files with those in its cache of classes
                    environment.put("NO_FAKE_STAT", "1");
                    // Otherwise every wait with a time-out ends at once, and the node takes all processors
                    environment.put("FAKETIME_FORCE_MONOTONIC_FIX", "0");
                }
                nodes.add(new ServiceNode(i, launcher, data, folder, proxy, environment));
            }
            closing.addFirst(() -> closeAll(nodes));
            Nemesis nemesis = new Nemesis(nodes, database, disk, clockFile, api, this::now, this::say, violations);
            // One after the other, so that one makes the tables
            for (ServiceNode node : nodes) {
                node.start();
                if (!nemesis.awaitListening(node)) {
                    throw new IOException("Node " + node.number() + " does not start:\n" + node.endOfLog());
                }
            }
            Workload workload = options.alone() ? Workload.quick(options.jobs()) : Workload.of(options.jobs());
            workload.create(api, nodes.getFirst().uri().orElseThrow(), recorder.baseUrl());
            say("%d jobs made; warming up".formatted(workload.jobs().size()));
            Thread.sleep(WARM_UP_MILLIS);
            Footprint before = footprint(nodes);
            int connectionsBefore = connections(database);
            SplittableRandom random = new SplittableRandom(options.seed());
            Changes changes = new Changes(
                    api,
                    workload,
                    options.seed(),
                    () -> {
                        List<URI> up = nodes.stream()
                                .filter(ServiceNode::isActive)
                                .flatMap(node -> node.uri().stream())
                                .toList();
                        synchronized (random) {
                            return up.isEmpty() ? Optional.empty() : Optional.of(up.get(random.nextInt(up.size())));
                        }
                    },
                    this::now);
            bursts(nemesis, nodes, database, recorder, changes);
            last(api, nodes, database, recorder, changes, workload, before, connectionsBefore);
        } finally {
            closeAll(nodes);
            for (TcpProxy proxy : proxies) {
                proxy.close();
            }
        }
    }

    private static void close(Deque<AutoCloseable> closing) {
        for (AutoCloseable one = closing.pollFirst(); one != null; one = closing.pollFirst()) {
            try {
                one.close();
            } catch (Exception e) {
                System.err.println("Something of the harness may be left: " + e.getMessage());
            }
        }
    }

    private static void closeAll(List<ServiceNode> nodes) {
        for (ServiceNode node : nodes) {
            try {
                node.close();
            } catch (IOException e) {
                // It goes with this process
            }
        }
    }

    // ---- Bursts and calms ----

    private void bursts(
            Nemesis nemesis, List<ServiceNode> nodes, FaultsDatabase database, Recorder recorder, Changes changes)
            throws Exception {
        FaultPlan plan = new FaultPlan(options.seed(), options.kinds(), options.alone());
        long end = now() + options.seconds() * 1_000_000_000L;
        for (int number = 0; now() < end; number++) {
            FaultPlan.Burst burst = plan.burst(number);
            say("burst %d: %s".formatted(number, burst.faults()));
            String began = clock(database);
            List<Nemesis.Made> done;
            // A single fault is alone, so that what comes of it can be told
            try (AutoCloseable ignored =
                    options.kinds().contains(FaultKind.CHANGES) && !burst.isSolo() ? changes.begin() : () -> {}) {
                done = nemesis.run(burst);
            }
            made.addAll(done);
            Exception lost = database.lost();
            if (lost != null) {
                throw new IOException("PostgreSQL is gone for good", lost);
            }
            // Changes may have held locks of their own until now
            long ended = burst.isSolo()
                    ? done.stream().mapToLong(Nemesis.Made::endedAt).max().orElse(now())
                    : now();
            calm(nemesis, nodes, database, recorder, burst, done, began, ended);
        }
    }

    private void calm(
            Nemesis nemesis,
            List<ServiceNode> nodes,
            FaultsDatabase database,
            Recorder recorder,
            FaultPlan.Burst burst,
            List<Nemesis.Made> done,
            String began,
            long ended)
            throws InterruptedException, IOException, SQLException {
        raise(nemesis, nodes);
        Map<String, Integer> jobs = active(database, ended);
        List<String> expected = new ArrayList<>(jobs.keySet());
        stuck.removeAll(recorder.firstStartsAfter(ended).keySet());
        expected.removeAll(stuck);
        Set<String> told = new HashSet<>();
        Map<String, Long> starts;
        while (true) {
            starts = recorder.firstStartsAfter(ended);
            List<String> waiting = new ArrayList<>(expected);
            waiting.removeAll(starts.keySet());
            for (String job : List.copyOf(expected)) {
                long silent = (starts.getOrDefault(job, now()) - ended) / 1_000_000;
                if (silent <= (options.silenceSeconds() + jobs.getOrDefault(job, 0)) * 1_000L || told.contains(job)) {
                    continue;
                }
                if (!starts.containsKey(job) && !active(database, ended).containsKey(job)) {
                    // A change that nobody waits for any more came late
                    expected.remove(job);
                    waiting.remove(job);
                    continue;
                }
                told.add(job);
                violation(
                        Violation.Kind.SILENT_JOB,
                        job,
                        "no run for %.1f s after burst %d; %s"
                                .formatted(silent / 1e3, burst.number(), timer(database, job)));
            }
            if (waiting.isEmpty()) {
                break;
            }
            if ((now() - ended) / 1_000_000 > options.silenceSeconds() * 1_000L + STUCK_MILLIS) {
                say("do not run any more: " + waiting);
                stuck.addAll(waiting);
                break;
            }
            Thread.sleep(100);
            raise(nemesis, nodes);
        }
        long lastStart = ended;
        for (String job : expected) {
            lastStart = Math.max(lastStart, starts.getOrDefault(job, now()));
        }
        double seconds = (lastStart - ended) / 1e9;
        say("burst %d: all ran again after %.1f s; %d reports, %d faults, %d violations so far"
                .formatted(burst.number(), seconds, recorder.count(), made.size(), violations.size()));
        Thread.sleep(CALM_MILLIS);
        if (burst.isSolo() && done.size() == 1) {
            Nemesis.Made fault = done.getFirst();
            // The others go on while one backend stands still
            long from = fault.kind() == FaultKind.BACKEND_STOP ? fault.beganAt() : ended;
            Map<String, Long> again = recorder.firstStartsAfter(from);
            long last = expected.stream()
                    .mapToLong(job -> again.getOrDefault(job, now()))
                    .max()
                    .orElse(from);
            try (Connection connection = database.connectPatiently()) {
                recoveries
                        .computeIfAbsent(fault.kind(), kind -> new ArrayList<>())
                        .add(Recovery.read(connection, (last - from) / 1e9, began));
            }
        } else {
            burstRecoveries.add(seconds);
        }
        leases(database);
        rememberEnds(database);
    }

    private static String clock(FaultsDatabase database) throws SQLException, InterruptedException {
        try (Connection connection = database.connectPatiently();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select clock_timestamp()::text")) {
            row.next();
            return row.getString(1);
        }
    }

    /** Starts nodes that are down; one that went down by itself is a violation. */
    private void raise(Nemesis nemesis, List<ServiceNode> nodes) throws IOException, InterruptedException {
        for (ServiceNode node : nodes) {
            if (node.endedByItself()) {
                violation(
                        Violation.Kind.NODE_ENDED,
                        "node " + node.number(),
                        "ended by itself with " + node.exitValue() + ":\n" + node.endOfLog());
                node.expectEnd();
            }
            if (!node.isAlive()) {
                node.start();
            }
            if (!nemesis.awaitListening(node) && node.isAlive()) {
                violation(
                        Violation.Kind.NODE_ENDED,
                        "node " + node.number(),
                        "does not listen; it is killed:\n" + node.endOfLog());
                node.kill();
            }
        }
    }

    /** The jobs that should run by themselves, with their intervals; those that changed after that time are left out. */
    private Map<String, Integer> active(FaultsDatabase database, long since) throws SQLException, InterruptedException {
        Map<String, Integer> jobs = new TreeMap<>();
        try (Connection connection = database.connectPatiently();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("""
                        select name, poll_interval_seconds from job
                        where not archived and paused_at is null
                            and schedule_changed_at < clock_timestamp() - interval '%d milliseconds'
                        """.formatted((now() - since) / 1_000_000))) {
            while (rows.next()) {
                jobs.put(rows.getString(1), rows.getInt(2));
            }
        }
        return jobs;
    }

    private static String timer(FaultsDatabase database, String job) throws SQLException, InterruptedException {
        try (Connection connection = database.connectPatiently();
                var select = connection.prepareStatement("""
                        select format('%s: timer: next_tick %s, epoch %s, lease_run %s of node %s (%s), run: %s; before: %s; gaps: %s',
                            clock_timestamp(),
                            t.next_tick, t.epoch, t.lease_run, n.name,
                            case when n.ended_at is null then 'heartbeat ' || (clock_timestamp() - n.heartbeat_at)::text
                                else n.end_reason end,
                            (select format('scheduled %s started %s outcome %s', r.scheduled_for, r.started_at, r.outcome)
                                from run r where r.id = t.lease_run),
                            (select string_agg(format('%s started %s ended %s %s at %s: %s', scheduled_for::time,
                                    started_at::time, finished_at::time, outcome, node, message), ' | ' order by scheduled_for)
                                from (
                                    select r.*, o.name as node, left(r.error::text, 150) as message
                                    from run_history r left join node o on o.id = r.node_id
                                    where r.job_id = t.job_id
                                    order by r.id desc
                                    limit 6
                                ) r),
                            (select string_agg(format('%s + %s × %s s %s', first_tick::time, ticks, interval_seconds, reason),
                                    ' | ' order by last_tick)
                                from (select * from tick_gap g where g.job_id = t.job_id order by last_tick desc limit 6) g))
                        from job_timer t join job j on j.id = t.job_id left join node n on n.id = t.lease_node
                        where j.name = ?
                        """)) {
            select.setString(1, job);
            try (ResultSet rows = select.executeQuery()) {
                return rows.next() ? rows.getString(1) : "no timer";
            }
        }
    }

    private void leases(FaultsDatabase database) throws SQLException, InterruptedException {
        try (Connection connection = database.connectPatiently();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("""
                        select j.name, t.lease_run, n.name, n.ended_at, n.end_reason, r.outcome, r.scheduled_for,
                            extract(epoch from clock_timestamp() - uuid_extract_timestamp(t.lease_run))::bigint
                        from job_timer t
                            join job j on j.id = t.job_id
                            left join node n on n.id = t.lease_node
                            left join run r on r.id = t.lease_run
                        where t.lease_run is not null
                            and (r.outcome is not null or r.id is null or n.id is null or n.ended_at is not null
                                or uuid_extract_timestamp(t.lease_run) < clock_timestamp() - interval '%d seconds')
                        """.formatted(LEASE_SECONDS))) {
            while (rows.next()) {
                String job = rows.getString(1);
                if (leasesTold.add(rows.getString(2))) {
                    violation(
                            Violation.Kind.STUCK_LEASE,
                            job,
                            "run %s of node %s (%s) with outcome %s holds the lease for %d s"
                                    .formatted(
                                            rows.getString(2),
                                            rows.getString(3),
                                            rows.getString(5) == null ? "alive" : rows.getString(5),
                                            rows.getString(6),
                                            rows.getLong(8)));
                }
            }
        }
    }

    /** Ends of runs stay as they are: what is on record by now is compared with what is on record later. */
    private void rememberEnds(FaultsDatabase database) throws SQLException, InterruptedException {
        try (Connection connection = database.connectPatiently();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("""
                        select id, hashtext(outcome || finished_at::text) from run
                        where outcome is not null and id >= uuid_v7_floor(clock_timestamp() - interval '5 minutes')
                        """)) {
            while (rows.next()) {
                UUID run = rows.getObject(1, UUID.class);
                Integer before = ends.put(run, rows.getInt(2));
                if (before != null && before != rows.getInt(2)) {
                    violation(Violation.Kind.ENDED_TWICE, "", "run " + run);
                }
            }
        }
    }

    // ---- The end ----

    private void last(
            ApiClient api,
            List<ServiceNode> nodes,
            FaultsDatabase database,
            Recorder recorder,
            Changes changes,
            Workload workload,
            Footprint before,
            int connectionsBefore)
            throws Exception {
        Thread.sleep(SETTLE_MILLIS);
        leases(database);
        resources(nodes, database, before, connectionsBefore);
        verify(api, nodes);
        for (ServiceNode node : nodes) {
            if (!node.terminate(60)) {
                violation(Violation.Kind.NODE_ENDED, "node " + node.number(), "did not end within 60 s of SIGTERM");
                node.kill();
            }
        }
        try (Connection connection = database.connectPatiently()) {
            rememberEnds(database);
            History history = Tables.read(
                    connection,
                    recorder.reports(),
                    changes.log(),
                    workload.jobs().stream()
                            .filter(job -> job.kind().counts())
                            .map(Workload.Planned::name)
                            .toList(),
                    workload.jobs().stream()
                            .filter(job -> job.kind() == Workload.Kind.AUDIT)
                            .map(Workload.Planned::name)
                            .toList());
            Checker.check(history).forEach(this::violation);
            for (History.Timer timer : history.timers()) {
                if (timer.leaseRun() != null) {
                    violation(
                            Violation.Kind.STUCK_LEASE,
                            timer.job().toString(),
                            "run " + timer.leaseRun() + " holds it although all nodes have ended in order");
                }
            }
            count(history);
        }
    }

    private void verify(ApiClient api, List<ServiceNode> nodes) throws IOException, InterruptedException {
        ApiClient.Answer answer = api.get(nodes.getFirst().uri().orElseThrow(), "/api/v1/audit/verify");
        for (int attempt = 1; attempt < VERIFY_ATTEMPTS && answer.status() == 0; attempt++) {
            say("no answer to /audit/verify, asked again");
            answer = api.get(nodes.getFirst().uri().orElseThrow(), "/api/v1/audit/verify");
        }
        if (!answer.isSuccess() || !answer.json().path("intact").asBoolean()) {
            violation(Violation.Kind.BROKEN_CHAIN, "", answer.status() + " " + answer.body());
        }
    }

    private void count(History history) {
        result.put("runs", history.runs().size())
                .put("reports", history.reports().size())
                .put(
                        "ticks",
                        history.runs().stream().filter(History.Run::timer).count()
                                + history.gaps().stream()
                                        .mapToLong(History.Gap::ticks)
                                        .sum())
                .put("changes", history.changes().size());
        ObjectNode outcomes = result.putObject("outcomes");
        new TreeMap<>(history.runs().stream()
                        .collect(Collectors.groupingBy(run -> String.valueOf(run.outcome()), Collectors.counting())))
                .forEach(outcomes::put);
        ObjectNode gaps = result.putObject("gaps");
        new TreeMap<>(history.gaps().stream()
                        .collect(
                                Collectors.groupingBy(History.Gap::reason, Collectors.summingLong(History.Gap::ticks))))
                .forEach(gaps::put);
        ObjectNode answers = result.putObject("changesByAnswer");
        new TreeMap<>(history.changes().stream()
                        .collect(Collectors.groupingBy(
                                change -> change.status() == 0 ? "none" : Integer.toString(change.status()),
                                Collectors.counting())))
                .forEach(answers::put);
    }

    // ---- Resources ----

    private static Footprint footprint(List<ServiceNode> nodes) throws IOException, InterruptedException {
        long threads = 0;
        double heap = 0;
        int processes = 0;
        for (ServiceNode node : nodes) {
            threads = Math.max(threads, threads(node.pid()));
            heap = Math.max(heap, heapMebibytes(node.pid()));
            processes = Math.max(processes, node.workers().size());
        }
        return new Footprint(threads, heap, processes);
    }

    private static long threads(long pid) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(pid), "status"))) {
            return lines.filter(line -> line.startsWith("Threads:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(0);
        }
    }

    /** What is left on the heap after a collection. */
    private static double heapMebibytes(long pid) throws IOException, InterruptedException {
        jcmd(pid, "GC.run");
        String said = jcmd(pid, "GC.heap_info");
        double kilobytes = 0;
        for (String line : said.split("\n", -1)) {
            if (line.contains(" total ") && line.contains(" used ") && !line.contains("Metaspace")) {
                kilobytes += Double.parseDouble(line.replaceAll(".* used (\\d+)K.*", "$1"));
            }
        }
        return kilobytes / 1024;
    }

    private static String jcmd(long pid, String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), Long.toString(pid), command)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        process.waitFor();
        return said;
    }

    private static int connections(FaultsDatabase database) throws SQLException {
        return database.backends("").size();
    }

    private void resources(List<ServiceNode> nodes, FaultsDatabase database, Footprint before, int connectionsBefore)
            throws IOException, InterruptedException, SQLException {
        Footprint after = footprint(nodes);
        int connections = connections(database);
        result.putObject("resources")
                .put("threadsBefore", before.threads())
                .put("threadsAfter", after.threads())
                .put("heapMebibytesBefore", before.heapMebibytes())
                .put("heapMebibytesAfter", after.heapMebibytes())
                .put("workersBefore", before.processes())
                .put("workersAfter", after.processes())
                .put("connectionsBefore", connectionsBefore)
                .put("connectionsAfter", connections);
        compare("threads", before.threads(), after.threads(), THREADS_TOLERATED);
        compare("MiB of heap", before.heapMebibytes(), after.heapMebibytes(), HEAP_TOLERATED_MEBIBYTES);
        compare("workers", before.processes(), after.processes(), PROCESSES_TOLERATED);
        compare("connections", connectionsBefore, connections, CONNECTIONS_TOLERATED);
        Set<Long> living = nodes.stream().map(ServiceNode::pid).collect(Collectors.toSet());
        for (ProcessMeter.Usage process : ProcessMeter.all()) {
            // This process names the folder of the workers, too
            if (!living.contains(process.parent())
                    && process.pid() != ProcessHandle.current().pid()
                    && isWorkerOfOurs(process.pid())) {
                violation(
                        Violation.Kind.RESOURCES,
                        "",
                        "worker %d lives on without its node; worker: %s; parent %d: %s"
                                .formatted(
                                        process.pid(),
                                        about(process.pid()),
                                        process.parent(),
                                        about(process.parent())));
            }
        }
    }

    /** The state of a process, when it was started and the end of its command line, as evidence. */
    private static String about(long pid) {
        Path folder = Path.of("/proc", Long.toString(pid));
        try {
            String stat = Files.readString(folder.resolve("stat"), java.nio.charset.StandardCharsets.ISO_8859_1);
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            String command = Files.readString(folder.resolve("cmdline"), java.nio.charset.StandardCharsets.ISO_8859_1)
                    .replace('\0', ' ');
            return "state %s, started at tick %s, ...%s"
                    .formatted(fields[0], fields[19], command.substring(Math.max(0, command.length() - 200)));
        } catch (IOException e) {
            return "gone";
        }
    }

    /** Whether it is a worker of one of the nodes: these share the launcher's folder and nobody else does meanwhile. */
    private boolean isWorkerOfOurs(long pid) {
        try {
            String command = Files.readString(
                    Path.of("/proc", Long.toString(pid), "cmdline"), java.nio.charset.StandardCharsets.ISO_8859_1);
            Path home = launcher.toAbsolutePath().getParent();
            return home != null
                    && command.contains(home.resolve("target/worker").toString())
                    && !command.contains("quarkus-run.jar");
        } catch (IOException e) {
            return false;
        }
    }

    private void compare(String what, double before, double after, double tolerated) {
        if (after > before + tolerated) {
            violation(
                    Violation.Kind.RESOURCES,
                    "",
                    "%.0f %s at the end, %.0f at the beginning; %.0f more are tolerated"
                            .formatted(after, what, before, tolerated));
        }
    }

    // ---- Report ----

    private void violation(Violation.Kind kind, String job, String evidence) {
        violation(new Violation(kind, job, evidence));
    }

    private void violation(Violation violation) {
        synchronized (violations) {
            violations.add(violation);
        }
        if (violations.size() <= EVIDENCE_SHOWN) {
            say("VIOLATION " + violation);
        }
    }

    private void report() throws IOException {
        result.put("seed", options.seed())
                .put("seconds", options.seconds())
                .put("nodes", options.nodes())
                .put("jobs", options.jobs())
                .put("faults", made.size());
        ObjectNode kinds = result.putObject("faultsByKind");
        made.stream()
                .collect(Collectors.groupingBy(
                        Nemesis.Made::kind, () -> new EnumMap<>(FaultKind.class), Collectors.counting()))
                .forEach((kind, count) -> kinds.put(kind.wireName(), count));
        ObjectNode recovery = result.putObject("recovery");
        recoveries.forEach((kind, all) -> Recovery.put(recovery.putObject(kind.wireName()), all));
        if (!burstRecoveries.isEmpty()) {
            result.putObject("secondsAfterBursts")
                    .put("count", burstRecoveries.size())
                    .put("p50", Recovery.rounded(Recovery.quantile(burstRecoveries, 0.5)))
                    .put("max", Recovery.rounded(Recovery.quantile(burstRecoveries, 1)));
        }
        ObjectNode found = result.putObject("violationsByKind");
        violations.stream()
                .collect(Collectors.groupingBy(
                        Violation::kind, () -> new EnumMap<>(Violation.Kind.class), Collectors.counting()))
                .forEach((kind, count) -> found.put(kind.name(), count));
        ArrayNode evidence = result.putArray("violations");
        violations.stream().limit(1_000).forEach(violation -> evidence.addObject()
                .put("kind", violation.kind().name())
                .put("job", violation.job())
                .put("evidence", violation.evidence()));
        ArrayNode log = result.putArray("log");
        made.forEach(fault -> log.addObject()
                .put("burst", fault.burst())
                .put("kind", fault.kind().wireName())
                .put("what", fault.what())
                .put("from", fault.beganAt() / 1e9)
                .put("to", fault.endedAt() / 1e9));
        if (options.json().isPresent()) {
            Files.writeString(options.json().get(), result.toPrettyString() + "\n");
        }
        result.properties().forEach(field -> {
            if (!field.getValue().isArray()) {
                out.printf("%-18s %s%n", field.getKey(), field.getValue());
            }
        });
        out.printf("%-18s %d%n", "violations", violations.size());
        violations.stream().limit(EVIDENCE_SHOWN).forEach(violation -> out.println("  " + violation));
    }

    private long now() {
        return System.nanoTime() - origin;
    }

    private void say(String text) {
        System.err.println("%8.1f ".formatted(now() / 1e9) + text);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}

package io.asyncjobs.bench.faults;

import io.asyncjobs.bench.faults.FaultPlan.Burst;
import io.asyncjobs.bench.faults.FaultPlan.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Makes the faults of a plan, side by side where they overlap, and undoes each when its time is over. */
final class Nemesis {

    private static final List<String> BACKENDS =
            List.of("heartbeat_at = clock_timestamp()", "lease_run = a.run_id", "failing_since = case h.outcome");
    private static final List<String> BACKEND_NAMES = List.of("heartbeats", "claims", "ends");
    private static final List<String> TABLES = List.of("job_timer", "tick_gap", "run", "node", "job");
    private static final List<String> CLOCKS = List.of("+0", "+3600", "-3600");
    private static final long STOP_PATIENCE_SECONDS = 45;
    private static final long RESTART_PATIENCE_MILLIS = 60_000;
    private static final long NODE_PATIENCE_MILLIS = 300_000;

    /**
     * A fault that was made.
     *
     * @param endedAt from when on all should come back to normal, in nanoseconds since the harness began
     */
    record Made(int burst, FaultKind kind, String what, long beganAt, long endedAt) {}

    /** What a fault did; {@code made} is false where there was nothing to do it to. */
    private record Outcome(boolean made, String what, OptionalLong endedAt) {

        static Outcome of(String what) {
            return new Outcome(true, what, OptionalLong.empty());
        }

        static Outcome none(String why) {
            return new Outcome(false, why, OptionalLong.empty());
        }
    }

    private final List<ServiceNode> nodes;
    private final FaultsDatabase database;
    private final @Nullable SmallDisk disk;
    private final @Nullable Path clockFile;
    private final ApiClient api;
    private final LongSupplier clock;
    private final Consumer<String> log;
    private final List<Violation> violations;

    /**
     * @param disk the file system of PostgreSQL, where it can be filled
     * @param clockFile what the clock of the first node shows, where it can be set
     * @param violations to which a node that does not stop is added
     */
    Nemesis(
            List<ServiceNode> nodes,
            FaultsDatabase database,
            @Nullable SmallDisk disk,
            @Nullable Path clockFile,
            ApiClient api,
            LongSupplier clock,
            Consumer<String> log,
            List<Violation> violations) {
        this.nodes = nodes;
        this.database = database;
        this.disk = disk;
        this.clockFile = clockFile;
        this.api = api;
        this.clock = clock;
        this.log = log;
        this.violations = violations;
    }

    /** Makes all faults of the burst; returns when each is over. */
    List<Made> run(Burst burst) throws InterruptedException {
        List<Made> made = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        long began = clock.getAsLong();
        for (Fault fault : burst.faults()) {
            threads.add(Thread.ofVirtual().name("nemesis").start(() -> {
                try {
                    Thread.sleep(Math.max(0, fault.atMillis() - (clock.getAsLong() - began) / 1_000_000));
                    long beganAt = clock.getAsLong();
                    Outcome outcome = make(fault);
                    if (outcome.made()) {
                        long endedAt = outcome.endedAt().orElseGet(clock);
                        synchronized (made) {
                            made.add(new Made(burst.number(), fault.kind(), outcome.what(), beganAt, endedAt));
                        }
                        log.accept("fault %s: %s (%.1f s)"
                                .formatted(fault.kind().wireName(), outcome.what(), (endedAt - beganAt) / 1e9));
                    } else {
                        log.accept("no fault %s: %s".formatted(fault.kind().wireName(), outcome.what()));
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } catch (IOException | SQLException | RuntimeException e) {
                    log.accept("no fault %s: %s".formatted(fault.kind().wireName(), e.getMessage()));
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        synchronized (made) {
            return List.copyOf(made);
        }
    }

    private Outcome make(Fault fault) throws IOException, InterruptedException, SQLException {
        return switch (fault.kind()) {
            case NODE_KILL, NODE_TERM, NODE_STOP, WORKER_KILL, WORKER_STOP -> ofNode(fault);
            case PG_KILL, PG_RESTART -> endDatabase(fault);
            case PG_STOP -> haltDatabase(fault);
            case BACKEND_STOP -> haltBackend(fault);
            case TERMINATE_ONE, TERMINATE_ALL -> terminate(fault);
            case LOCK_ROWS, LOCK_TABLE -> lock(fault);
            case NET_DELAY, NET_DROP, NET_CUT, NET_LOSE_ACK -> ofNetwork(fault);
            case DISK_FULL -> fillDisk(fault);
            case CLOCK_STEP -> stepClock(fault);
            case HOSTILE -> runHostile(fault);
            case CHANGES -> throw new IllegalArgumentException("changes are no fault");
        };
    }

    // ---- Nodes and workers ----

    private Outcome ofNode(Fault fault) throws IOException, InterruptedException {
        Optional<ServiceNode> chosen = choose(fault.target());
        if (chosen.isEmpty()) {
            return Outcome.none("no node is up");
        }
        ServiceNode node = chosen.get();
        String name = "node " + node.number();
        switch (fault.kind()) {
            case NODE_KILL -> {
                node.kill();
                OptionalLong end = othersThan(node) ? OptionalLong.of(clock.getAsLong()) : OptionalLong.empty();
                Thread.sleep(fault.millis());
                restart(node, end.isEmpty());
                return new Outcome(true, name, end);
            }
            case NODE_TERM -> {
                boolean others = othersThan(node);
                long asked = clock.getAsLong();
                if (!node.terminate(STOP_PATIENCE_SECONDS)) {
                    synchronized (violations) {
                        violations.add(new Violation(
                                Violation.Kind.NODE_ENDED,
                                name,
                                "did not end within " + STOP_PATIENCE_SECONDS + " s of SIGTERM:\n" + node.endOfLog()));
                    }
                    node.kill();
                }
                OptionalLong end = others ? OptionalLong.of(clock.getAsLong()) : OptionalLong.empty();
                double took = (clock.getAsLong() - asked) / 1e9;
                Thread.sleep(fault.millis());
                restart(node, end.isEmpty());
                return new Outcome(true, "%s, ended after %.1f s".formatted(name, took), end);
            }
            case NODE_STOP -> {
                long halted = node.halt();
                try {
                    Thread.sleep(fault.millis());
                } finally {
                    node.goOn(halted);
                }
                return Outcome.of(name);
            }
            default -> {
                List<Long> workers = node.workers();
                if (workers.isEmpty()) {
                    return Outcome.none(name + " has no worker");
                }
                List<Long> some =
                        fault.detail() % 2 == 0 ? workers : List.of(workers.get(fault.detail() % workers.size()));
                if (fault.kind() == FaultKind.WORKER_KILL) {
                    Signals.send("KILL", some);
                } else {
                    Signals.send("STOP", some);
                    try {
                        Thread.sleep(fault.millis());
                    } finally {
                        Signals.send("CONT", some);
                    }
                }
                return Outcome.of(some.size() + " of " + name);
            }
        }
    }

    private void restart(ServiceNode node, boolean await) throws IOException, InterruptedException {
        node.start();
        if (await && awaitListening(node)) {
            awaitWorker(node);
        }
    }

    /** Waits until that node can run scripts: where it is the only one, its fault ends then. */
    private static void awaitWorker(ServiceNode node) throws IOException, InterruptedException {
        long end = System.nanoTime() + NODE_PATIENCE_MILLIS * 1_000_000;
        while (node.isAlive() && !node.hasWorker() && System.nanoTime() < end) {
            Thread.sleep(50);
        }
    }

    /** Waits until that node listens; false when it does not come to that. */
    boolean awaitListening(ServiceNode node) throws InterruptedException {
        long end = System.nanoTime() + NODE_PATIENCE_MILLIS * 1_000_000;
        while (node.uri().isEmpty()) {
            if (System.nanoTime() > end || !node.isAlive()) {
                return false;
            }
            Thread.sleep(50);
        }
        return true;
    }

    /** That one of the nodes, or the next that is up. */
    private Optional<ServiceNode> choose(int target) {
        for (int i = 0; i < nodes.size(); i++) {
            ServiceNode node = nodes.get((target + i) % nodes.size());
            if (node.isAlive() && node.uri().isPresent()) {
                return Optional.of(node);
            }
        }
        return Optional.empty();
    }

    private boolean othersThan(ServiceNode node) {
        return nodes.stream()
                .anyMatch(other ->
                        other != node && other.isActive() && other.uri().isPresent());
    }

    // ---- PostgreSQL ----

    private Outcome endDatabase(Fault fault) throws IOException, InterruptedException {
        OptionalLong main = database.postmaster();
        if (main.isEmpty()) {
            return Outcome.none("PostgreSQL is not up");
        }
        Signals.send(fault.kind() == FaultKind.PG_KILL ? "KILL" : "INT", List.of(main.getAsLong()));
        long end = System.nanoTime() + RESTART_PATIENCE_MILLIS * 1_000_000;
        while (System.nanoTime() < end && database.postmaster().equals(main)) {
            Thread.sleep(20);
        }
        return database.awaitAnswer(RESTART_PATIENCE_MILLIS)
                ? Outcome.of("process " + main.getAsLong())
                : Outcome.of("process " + main.getAsLong() + ", which does not come back");
    }

    private Outcome haltDatabase(Fault fault) throws IOException, InterruptedException {
        List<Long> all = database.processes();
        if (all.isEmpty()) {
            return Outcome.none("PostgreSQL is not up");
        }
        boolean whole = fault.detail() % 3 > 0;
        List<Long> halted = whole ? all : List.of(all.getLast());
        Signals.send("STOP", halted);
        try {
            Thread.sleep(fault.millis());
        } finally {
            Signals.send("CONT", halted);
        }
        return Outcome.of(whole ? "all " + halted.size() + " processes" : "the main process");
    }

    private Outcome haltBackend(Fault fault) throws IOException, InterruptedException, SQLException {
        int role = fault.detail() % BACKENDS.size();
        List<Long> backends = database.backends(BACKENDS.get(role));
        if (backends.isEmpty()) {
            return Outcome.none("no backend serves " + BACKEND_NAMES.get(role));
        }
        List<Long> one = List.of(backends.get(fault.target() % backends.size()));
        Signals.send("STOP", one);
        try {
            Thread.sleep(fault.millis());
        } finally {
            Signals.send("CONT", one);
        }
        return Outcome.of("one that serves " + BACKEND_NAMES.get(role));
    }

    private Outcome terminate(Fault fault) throws SQLException {
        List<Long> backends = database.backends("");
        if (backends.isEmpty()) {
            return Outcome.none("no backend");
        }
        boolean all = fault.kind() == FaultKind.TERMINATE_ALL;
        database.terminate(all ? backends : List.of(backends.get(fault.target() % backends.size())));
        return Outcome.of(all ? backends.size() + " backends" : "one backend");
    }

    private Outcome lock(Fault fault) throws SQLException, InterruptedException {
        boolean rows = fault.kind() == FaultKind.LOCK_ROWS;
        String table = TABLES.get(fault.detail() % TABLES.size());
        int percent = fault.detail() % 4 == 0 ? 100 : 1 + fault.detail() % 20;
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("set lock_timeout = '5s'");
            statement.execute(
                    rows
                            ? "select from job_timer where abs(hashtext(job_id::text) % 100) < " + percent
                                    + " order by job_id for update"
                            : "lock table " + table + " in access exclusive mode");
            Thread.sleep(fault.millis());
            connection.rollback();
        }
        return Outcome.of(rows ? percent + " % of the timers" : table);
    }

    private Outcome fillDisk(Fault fault) throws IOException, InterruptedException {
        if (disk == null) {
            return Outcome.none("PostgreSQL has no disk of its own here");
        }
        try {
            disk.fill();
            Thread.sleep(fault.millis());
        } finally {
            disk.free();
        }
        return database.awaitAnswer(RESTART_PATIENCE_MILLIS)
                ? Outcome.of("full")
                : Outcome.of("full; PostgreSQL does not come back");
    }

    // ---- Network, clocks, scripts ----

    private Outcome ofNetwork(Fault fault) throws InterruptedException {
        ServiceNode node = nodes.get(fault.target() % nodes.size());
        TcpProxy proxy = node.proxy();
        String name = "node " + node.number();
        switch (fault.kind()) {
            case NET_CUT -> {
                proxy.cut();
                return Outcome.of(name);
            }
            case NET_DELAY -> {
                int millis = 20 + fault.detail() % 480;
                proxy.delay(millis);
                name += " by " + millis + " ms";
            }
            case NET_DROP -> proxy.drop();
            default -> proxy.loseAnswers();
        }
        try {
            Thread.sleep(fault.millis());
            if (fault.kind() == FaultKind.NET_DROP && fault.detail() % 2 == 0) {
                proxy.forget();
                name += ", connections forgotten";
            }
        } finally {
            proxy.pass();
        }
        return Outcome.of(name);
    }

    private Outcome stepClock(Fault fault) throws IOException, InterruptedException {
        if (clockFile == null) {
            return Outcome.none("there is no libfaketime here");
        }
        String now = CLOCKS.get(fault.target() % CLOCKS.size());
        String then = CLOCKS.get(fault.detail() % CLOCKS.size());
        setClock(clockFile, now);
        Thread.sleep(fault.millis());
        setClock(clockFile, then);
        return Outcome.of("node 0 by " + now + " s, then " + then + " s");
    }

    static void setClock(Path file, String offset) throws IOException {
        Files.writeString(file, offset + "\n");
    }

    private Outcome runHostile(Fault fault) throws InterruptedException {
        Optional<ServiceNode> node = choose(fault.target());
        if (node.isEmpty()) {
            return Outcome.none("no node is up");
        }
        String job = Workload.hostile(fault.detail());
        ApiClient.Answer answer =
                api.post(node.get().uri().orElseThrow(), "/api/v1/jobs/" + job + "/runs", Map.of("reason", "fault"));
        return answer.isSuccess() ? Outcome.of(job) : Outcome.none(job + " was answered with " + answer.status());
    }
}

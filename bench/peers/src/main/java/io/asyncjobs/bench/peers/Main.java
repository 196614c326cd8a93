package io.asyncjobs.bench.peers;

import com.sun.management.OperatingSystemMXBean;
import com.zaxxer.hikari.HikariDataSource;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;

/**
 * Measures the Async Job Manager and other schedulers one after the other on one PostgreSQL and prints one table.
 *
 * <p>The others run in this process, with tasks that do nothing and keep no history. Jobs are spread evenly over their
 * interval. Then all jobs of a backlog are overdue when the scheduler starts.
 */
public final class Main {

    private static final OperatingSystemMXBean THIS_PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final Duration BACKLOG_PATIENCE = Duration.ofMinutes(3);
    private static final Duration SETTLING = Duration.ofMillis(1_500);

    static final String OURS = "ours";
    static final String DB_SCHEDULER = "db-scheduler";
    private static final Map<String, Supplier<Peer>> PEERS = new LinkedHashMap<>();

    static {
        PEERS.put(DB_SCHEDULER, DbScheduler::new);
        PEERS.put("quartz", Quartz::new);
        PEERS.put("jobrunr", JobRunrPeer::new);
        PEERS.put("floor", InMemory::new);
    }

    private final Server server;
    private final int warmUpSeconds;
    private final int seconds;
    private int databases;

    private Main(Server server, int warmUpSeconds, int seconds) {
        this.server = server;
        this.warmUpSeconds = warmUpSeconds;
        this.seconds = seconds;
    }

    /** The first argument is the launcher of the Async Job Manager; options follow. */
    public static void main(String[] arguments) {
        CommandLine line = new CommandLine(new Options());
        line.setParameterExceptionHandler((problem, wrong) -> {
            System.err.println("bench peers: " + problem.getMessage() + "\nTry 'asyncjobs bench peers --help'.");
            return CommandLine.ExitCode.USAGE;
        });
        line.setExecutionExceptionHandler((problem, command, parsed) -> {
            System.err.println("bench peers: " + problem);
            return CommandLine.ExitCode.SOFTWARE;
        });
        // Some of them leave threads behind
        System.exit(line.execute(arguments));
    }

    /** The names of all that can be measured. */
    static List<String> names() {
        List<String> names = new ArrayList<>(List.of(OURS));
        names.addAll(PEERS.keySet());
        return names;
    }

    /** Measures them one after the other. */
    static void run(Options options) throws Exception {
        Path launcher = options.launcher();
        List<String> contestants = options.peers();
        int jobs = options.jobs();
        int backlog = options.backlog();
        int cold = options.coldSeconds();
        try (Server server = new Server()) {
            if (cold > 0) {
                for (int i = 0; i < contestants.size(); i++) {
                    cold(contestants.get(i), launcher, server, "bench_" + i, jobs, cold);
                }
                return;
            }
            Main bench = new Main(
                    server,
                    options.warmUpSeconds(),
                    options.seconds());
            System.out.printf(
                    "%s; Java %s; %d cores; %d s after %d s of warm-up%n%n%s%n",
                    server.describe(),
                    Runtime.version(),
                    Runtime.getRuntime().availableProcessors(),
                    bench.seconds,
                    bench.warmUpSeconds,
                    Row.HEAD);
            for (String contestant : contestants) {
                for (Row row : contestant.equals(OURS)
                        ? bench.ours(new Ours(launcher, server), jobs, backlog)
                        : bench.peer(PEERS.get(contestant), jobs, backlog)) {
                    System.out.println(row.line());
                }
            }
        }
    }

    private static void cold(String contestant, Path launcher, Server server, String database, int jobs, int seconds)
            throws Exception {
        if (contestant.equals(OURS)) {
            new Ours(launcher, server).cold(database, jobs, seconds);
        } else {
            Cold.run(PEERS.get(contestant), contestant, server, database, jobs, seconds);
        }
    }

    /** One of the others, by the name it has in {@code --peers}. */
    static Peer peer(String name) {
        return PEERS.get(name).get();
    }

    private List<Row> ours(Ours ours, int jobs, int backlog) throws Exception {
        List<Row> rows = new ArrayList<>();
        String warmUp = Integer.toString(warmUpSeconds);
        for (boolean scripts : new boolean[] {false, true}) {
            if (jobs > 0) {
                List<String> arguments = List.of(
                        "--jobs",
                        Integer.toString(jobs),
                        "--interval",
                        "1",
                        "--warm-up",
                        warmUp,
                        "--seconds",
                        Integer.toString(seconds));
                rows.add(ours.measure(nextDatabase(), "schedule", steady(jobs, 1), arguments, scripts));
            }
            if (backlog > 0) {
                List<String> arguments = List.of("--jobs", Integer.toString(backlog), "--warm-up", warmUp);
                rows.add(ours.measure(nextDatabase(), "drain", overdue(backlog), arguments, scripts));
            }
        }
        return rows;
    }

    private List<Row> peer(Supplier<Peer> peer, int jobs, int backlog) throws Exception {
        List<Row> rows = new ArrayList<>();
        if (jobs > 0) {
            rows.add(steady(peer.get(), jobs));
        }
        if (backlog > 0) {
            rows.add(backlog(peer.get(), backlog));
        }
        return rows;
    }

    private Row steady(Peer peer, int jobs) throws Exception {
        int interval = peer.intervalSeconds(1);
        String name = nextDatabase();
        Starts starts = new Starts();
        try (HikariDataSource database = server.newDatabase(name)) {
            // Storing the jobs takes some of them seconds
            Load load = new Load(jobs, interval, Instant.now().plusSeconds(2 + jobs / 500), false);
            peer.prepare(database, load, starts);
            sleepUntil(load.first().minusMillis(300));
            peer.start();
            try {
                Instant from = later(load.first(), Instant.now()).plusSeconds(warmUpSeconds);
                Instant to = from.plusSeconds(seconds);
                sleepUntil(from);
                Server.Cost before = server.cost(name);
                long cpu = THIS_PROCESS.getProcessCpuTime();
                sleepUntil(to);
                double used = (THIS_PROCESS.getProcessCpuTime() - cpu) / 1e9;
                Server.Cost after = server.cost(name);
                sleepUntil(to.plus(SETTLING));
                double[] late = starts.latenessMillis(from, to);
                double demanded = (double) jobs / interval;
                long missed = Math.round(demanded * seconds) - starts.startedOfDue(from, to, to.plusSeconds(1));
                return Row.of(
                        peer.name(),
                        steady(jobs, interval),
                        seconds,
                        late.length,
                        demanded,
                        Math.max(0, missed),
                        late.length == 0
                                ? late
                                : new double[] {
                                    late[late.length / 2], late[(int) (late.length * 0.99)], late[late.length - 1]
                                },
                        used,
                        before,
                        after);
            } finally {
                peer.stop();
            }
        }
    }

    private Row backlog(Peer peer, int jobs) throws Exception {
        String name = nextDatabase();
        Starts starts = new Starts();
        double took;
        double used;
        double databaseUsed;
        Server.Cost before;
        try (HikariDataSource database = server.newDatabase(name)) {
            peer.prepare(database, new Load(jobs, 3_600, Instant.now(), true), starts);
            before = server.cost(name);
            long cpu = THIS_PROCESS.getProcessCpuTime();
            Instant begin = Instant.now();
            peer.start();
            try {
                while (starts.number() < jobs && Instant.now().isBefore(begin.plus(BACKLOG_PATIENCE))) {
                    Thread.sleep(5);
                }
                took = Duration.between(begin, Instant.now()).toNanos() / 1e9;
                used = (THIS_PROCESS.getProcessCpuTime() - cpu) / 1e9;
                databaseUsed = server.cost(name).cpuSeconds();
            } finally {
                peer.stop();
            }
        }
        // Backends tell of their last transactions when they end
        Thread.sleep(SETTLING);
        Server.Cost ended = server.cost(name);
        Server.Cost after = new Server.Cost(databaseUsed, ended.commits(), ended.walBytes());
        return Row.of(peer.name(), overdue(jobs), took, starts.number(), 0, -1, new double[0], used, before, after);
    }

    private String nextDatabase() {
        return "bench_" + ++databases;
    }

    private static String steady(int jobs, int interval) {
        return "%,d every %d s".formatted(jobs, interval);
    }

    private static String overdue(int jobs) {
        return "%,d overdue".formatted(jobs);
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    static void sleepUntil(Instant at) throws InterruptedException {
        Duration left = Duration.between(Instant.now(), at);
        if (left.isPositive()) {
            Thread.sleep(left);
        }
    }
}

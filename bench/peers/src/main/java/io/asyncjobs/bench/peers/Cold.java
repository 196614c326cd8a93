package io.asyncjobs.bench.peers;

import com.sun.management.OperatingSystemMXBean;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * A scheduler in its first seconds: a process of its own that starts on a database in which the jobs are stored already,
 * watched second by second. PostgreSQL's processor time is not part of it.
 */
final class Cold {

    private static final int LATE_MILLIS = 200;

    private Cold() {}

    /** Stores the jobs, then starts the process that runs them and waits for it. */
    static void run(Supplier<Peer> peer, String key, Server server, String name, int jobs, int seconds)
            throws Exception {
        try (HikariDataSource database = server.newDatabase(name)) {
            Peer storing = peer.get();
            storing.prepare(database, new Load(jobs, storing.intervalSeconds(1), Instant.now(), false), new Starts());
            storing.stop();
        }
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx1g",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Cold.class.getName(),
                        key,
                        server.jdbcUrl(name),
                        Integer.toString(jobs),
                        Integer.toString(seconds))
                .inheritIO()
                .start();
        if (process.waitFor() != 0) {
            throw new IllegalStateException(key + " ended with " + process.exitValue());
        }
    }

    /** The process: peer, address of the database, jobs, seconds. */
    public static void main(String[] arguments) throws Exception {
        Peer peer = Main.peer(arguments[0]);
        int jobs = Integer.parseInt(arguments[2]);
        int seconds = Integer.parseInt(arguments[3]);
        HikariConfig settings = new HikariConfig();
        settings.setJdbcUrl(arguments[1]);
        settings.setMaximumPoolSize(Server.CONNECTIONS);
        Starts starts = new Starts();
        try (HikariDataSource database = new HikariDataSource(settings)) {
            peer.prepare(database, new Load(0, peer.intervalSeconds(1), Instant.now(), false), starts);
            peer.start();
            double[] processor = new double[seconds + 1];
            Instant begin = Instant.now();
            for (int second = 0; second <= seconds; second++) {
                Main.sleepUntil(begin.plusSeconds(second));
                processor[second] = ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                                .getProcessCpuTime()
                        / 1e9;
            }
            peer.stop();
            System.out.printf("%s, %d jobs%n", peer.name(), jobs);
            System.out.printf("%8s %8s %8s %8s %10s %10s %10s%n", "second", "asked", "run", "late", "p50 ms", "p99 ms",
                    "processor");
            for (int second = 0; second < seconds; second++) {
                Instant from = begin.plusSeconds(second);
                double[] late = starts.latenessMillis(from, from.plus(Duration.ofSeconds(1)));
                System.out.printf(
                        Locale.ROOT,
                        "%8d %8d %8d %8d %10.1f %10.1f %10.2f%n",
                        second,
                        jobs / peer.intervalSeconds(1),
                        late.length,
                        Arrays.stream(late).filter(millis -> millis > LATE_MILLIS).count(),
                        at(late, 0.5),
                        at(late, 0.99),
                        processor[second + 1] - processor[second]);
            }
        }
        // Some of them leave threads behind
        System.exit(0);
    }

    private static double at(double[] sorted, double part) {
        return sorted.length == 0 ? 0 : sorted[(int) (sorted.length * part)];
    }
}

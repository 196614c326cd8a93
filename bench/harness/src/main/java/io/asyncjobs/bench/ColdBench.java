package io.asyncjobs.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * {@code bench cold}: how a service does in its first minute. It starts on a database with jobs whose timers go on, as after
 * a deployment, and is watched second by second from when it says that it is ready.
 */
final class ColdBench {

    private static final int READY = 200;
    private static final long READY_PATIENCE_NANOS = Duration.ofSeconds(60).toNanos();
    private static final int SETTLE_MILLIS = 2_500;

    private final Path launcher;
    private final ScheduleBench.Target target;
    private final PrintStream out;
    private final Measurement measurement;

    /** @param launcher the script that starts the service */
    ColdBench(Path launcher, ScheduleBench.Target target, PrintStream out) {
        this.launcher = launcher;
        this.target = target;
        this.out = out;
        this.measurement = new Measurement(out);
    }

    void measure(int jobs, int intervalSeconds, int seconds, @Nullable Path jsonFile)
            throws IOException, InterruptedException, SQLException {
        ObjectNode result = measurement.result();
        measurement.of(jsonFile, folder -> {
            try (BenchDatabase database = target.open(folder)) {
                measurement.begin(database, "cold", true);
                result.put("jobs", jobs).put("intervalSeconds", intervalSeconds);
                BenchJobs.add(database, "bench", jobs, intervalSeconds);
                BenchJobs.addTimers(database, intervalSeconds);
                BenchJobs.analyze(database);
                double spawned = System.nanoTime() / 1e9;
                String spawnedAt = database.text("select extract(epoch from clock_timestamp())");
                try (BenchService service = BenchService.start(launcher, folder, database, true, 1)) {
                    result.put("listensAfterSeconds", System.nanoTime() / 1e9 - spawned);
                    awaitReady(service);
                    result.put("readyAfterSeconds", System.nanoTime() / 1e9 - spawned);
                    Timeline timeline = Timeline.watch(database, service, 1, seconds);
                    Thread.sleep(SETTLE_MILLIS);
                    result.put(
                            "firstRunAfterSeconds",
                            Double.parseDouble(database.text("select coalesce(extract(epoch from min(started_at)) - "
                                    + spawnedAt + ", 'NaN') from run")));
                    service.workerReadyMillis()
                            .ifPresent(millis -> result.put("workerReadyAfterSeconds", millis / 1e3));
                    List<Timeline.Period> periods = timeline.periods();
                    Timeline.print(periods, out);
                    Timeline.put(periods, result);
                    putSummary(periods, result);
                    measurement.putMemory(database, service);
                }
            }
        });
    }

    private static void awaitReady(BenchService service) throws IOException, InterruptedException {
        long end = System.nanoTime() + READY_PATIENCE_NANOS;
        URI ready = service.uri().resolve("/q/health/ready");
        try (HttpClient client = HttpClient.newHttpClient()) {
            while (client.send(HttpRequest.newBuilder(ready).build(), HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    != READY) {
                service.checkAlive();
                if (System.nanoTime() > end) {
                    throw new IOException("The service is not ready after 60 s");
                }
                Thread.sleep(10);
            }
        }
    }

    private static void putSummary(List<Timeline.Period> periods, ObjectNode result) {
        ObjectNode lost = result.putObject("ticksLost");
        ObjectNode p99 = result.putObject("latestP99Millis");
        ObjectNode costs = result.putObject("cpuSecondsPer1000Runs");
        for (int second : new int[] {0, 3, 10, 20, 30, 60}) {
            Predicate<Timeline.Period> since = period -> period.fromSecond() >= second;
            if (periods.stream().noneMatch(since)) {
                continue;
            }
            String name = "from" + second + "s";
            lost.put(
                    name,
                    periods.stream()
                            .filter(since)
                            .mapToLong(Timeline.Period::lost)
                            .sum());
            p99.put(name, Timeline.most(periods, since, Timeline.Period::p99Millis));
            costs.put(
                    name,
                    periods.stream()
                                    .filter(since)
                                    .mapToDouble(period -> period.processor().all())
                                    .sum()
                            * 1_000
                            / Math.max(
                                    1,
                                    periods.stream()
                                            .filter(since)
                                            .mapToLong(Timeline.Period::run)
                                            .sum()));
        }
    }
}

package io.asyncjobs.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.time.Instant;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * {@code bench provision}: a manifest of many new jobs is planned, applied and planned again, by a real service that runs
 * other jobs each second. Measures how long each call takes, and what it costs the running jobs.
 */
final class ProvisioningBench {

    private static final int SETTLE_MILLIS = 1_500;
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * @param jobs in the manifest
     * @param runningJobs of an interval of one second, which are not in the manifest
     */
    record Load(int jobs, int runningJobs, int warmUpSeconds) {}

    private final Path launcher;
    private final ScheduleBench.Target target;
    private final Measurement measurement;
    private final ObjectNode result;

    ProvisioningBench(Path launcher, ScheduleBench.Target target, PrintStream out) {
        this.launcher = launcher;
        this.target = target;
        this.measurement = new Measurement(out);
        this.result = measurement.result();
    }

    void provision(Load load, @Nullable Path jsonFile) throws IOException, InterruptedException, SQLException {
        measurement.of(jsonFile, folder -> {
            try (BenchDatabase database = target.open(folder)) {
                measurement.begin(database, "provision", true);
                BenchJobs.add(database, "bench", load.runningJobs(), 1);
                BenchJobs.analyze(database);
                try (BenchService service = BenchService.start(launcher, folder, database, true, 1);
                        HttpClient http = HttpClient.newHttpClient()) {
                    service.watch("warming up", load.warmUpSeconds(), () -> "");
                    Instant from = database.now();
                    provision(http, service, manifest(load.jobs()));
                    Thread.sleep(SETTLE_MILLIS);
                    Instant to = database.now();
                    Thread.sleep(SETTLE_MILLIS);
                    measurement.putTicks(database, from, to);
                    measurement.putMemory(database, service);
                }
            }
        });
    }

    private void provision(HttpClient http, BenchService service, String manifest)
            throws IOException, InterruptedException {
        String token = service.token();
        URI api = service.uri().resolve("/api/v1/provisioning/");
        result.put("manifestBytes", manifest.length());
        JsonNode plan = timed("planSeconds", http, request(api.resolve("plan"), token, manifest));
        result.put("planned", plan.get("pending").intValue());
        timed(
                "applySeconds",
                http,
                request(api.resolve("apply?plan=" + plan.get("hash").textValue()), token, manifest));
        JsonNode second = timed("secondPlanSeconds", http, request(api.resolve("plan"), token, manifest));
        result.put("plannedAgain", second.get("pending").intValue());
    }

    private JsonNode timed(String name, HttpClient http, HttpRequest request) throws IOException, InterruptedException {
        long begun = System.nanoTime();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        result.put(name, (System.nanoTime() - begun) / 1e9);
        if (answer.statusCode() != 200) {
            throw new IOException(request.uri() + " answers " + answer.statusCode() + ": " + answer.body());
        }
        return JSON.readTree(answer.body());
    }

    private static HttpRequest request(URI uri, String token, String manifest) {
        return HttpRequest.newBuilder(uri)
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/yaml")
                .POST(HttpRequest.BodyPublishers.ofString(manifest))
                .build();
    }

    /** Each job has a script of its own, and a value that only exact numbers keep. */
    private static String manifest(int jobs) {
        return IntStream.range(0, jobs)
                .mapToObj(number -> """
                  - name: provisioned-%1$05d
                    pollIntervalSeconds: 300
                    parameters: {number: %1$d, ratio: 1.10}
                    script: |
                      // The job with the number %1$d
                      const doubled = params.number * 2;
                      log.info('checked', { doubled });
                      return { doubled };
                """.formatted(number))
                .collect(Collectors.joining("", "reason: benchmark\njobs:\n", ""));
    }
}

package io.asyncjobs.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.asyncjobs.testsupport.ServiceProcess;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The service or its PostgreSQL dies in the middle of an apply: all of the manifest is there afterwards, or nothing of it.
 *
 * <p>The instants are parts of the time that an undisturbed apply takes. One that ends before its kill does not count.
 */
class ApplyCrashIT {

    private static final int JOBS = Integer.getInteger("jobs", 1_500);
    private static final int KILLS = 5;
    private static final int MOST_TRIES = 5 * KILLS;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What an apply writes for jobs, in one snapshot. */
    private static final String STORED = """
            select (select count(*) from job where name like '%1$s'),
                (select count(*) from job_revision where name like '%1$s'),
                (select count(*) from job_timer t join job j on j.id = t.job_id where j.name like '%1$s'),
                (select count(*)
                from (select entity_name from audit_event union all select entity_name from audit_waiting) as event
                where entity_name like '%1$s')
            """;

    @TempDir
    Path folder;

    /** Closed at the end only: closing one that was killed would end the database under the next one. */
    private final Deque<ServiceProcess> services = new ArrayDeque<>();

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private String token = "";
    private Duration calm = Duration.ZERO;

    /** Kills something, and returns when the service is ready again. */
    @FunctionalInterface
    private interface Kill {

        void now() throws Exception;
    }

    @BeforeEach
    void start() throws Exception {
        services.push(ServiceProcess.startIn(folder.resolve("data")));
        token = ServiceProcess.token(folder.resolve("data"), "ci", "superadmin");
        String manifest = manifest("calm");
        String hash = planned(manifest, JOBS);
        long begun = System.nanoTime();
        assertThat(apply(manifest, hash).get().statusCode()).isEqualTo(200);
        calm = Duration.ofNanos(System.nanoTime() - begun);
        assertThat(stored("calm")).isEqualTo(JOBS);
    }

    @AfterEach
    void stop() throws IOException {
        while (!services.isEmpty()) {
            services.pop().close();
        }
    }

    @Test
    void service_killed_during_an_apply_has_applied_all_or_nothing() throws Exception {
        killDuringApplies(() -> {
            service().kill();
            services.push(ServiceProcess.startIn(folder.resolve("data")));
        });
    }

    @Test
    void database_killed_during_an_apply_has_stored_all_or_nothing() throws Exception {
        killDuringApplies(() -> {
            long before = timesBack();
            ProcessHandle postmaster = service().postmaster().orElseThrow();
            postmaster.destroyForcibly();
            postmaster.onExit().join();
            await("PostgreSQL is back")
                    .atMost(PATIENCE)
                    .until(() -> timesBack() > before && service().isReady());
        });
    }

    private void killDuringApplies(Kill kill) throws Exception {
        int kills = 0;
        int tries = 0;
        List<String> found = new ArrayList<>();
        String prefix = "try-0";
        while (kills < KILLS) {
            assertThat(tries++)
                    .as("applies, of which %d were interrupted", kills)
                    .isLessThan(MOST_TRIES);
            String manifest = manifest(prefix);
            CompletableFuture<HttpResponse<String>> apply = apply(manifest, planned(manifest, JOBS));
            Duration instant = calm.multipliedBy(2L * kills + 1).dividedBy(2L * KILLS);
            boolean interrupted = !isAnsweredWithin(instant, apply);
            kill.now();

            boolean done = answeredOk(apply);
            int stored = stored(prefix);
            assertThat(stored).isIn(done ? List.of(JOBS) : List.of(0, JOBS));
            assertIntact();
            if (interrupted) {
                kills++;
                found.add("%d ms: %d".formatted(instant.toMillis(), stored));
            }
            if (stored == JOBS) {
                planned(manifest, 0);
                prefix = "try-" + tries;
            }
        }
        String manifest = manifest(prefix);
        assertThat(apply(manifest, planned(manifest, JOBS)).get().statusCode()).isEqualTo(200);
        assertThat(stored(prefix)).isEqualTo(JOBS);
        planned(manifest, 0);
        assertIntact();
        System.out.printf("ApplyCrashIT: an apply takes %d ms; jobs after a kill at %s%n", calm.toMillis(), found);
    }

    private ServiceProcess service() {
        return services.getFirst();
    }

    private long timesBack() {
        return service()
                .log()
                .lines()
                .filter(line -> line.contains("PostgreSQL is back"))
                .count();
    }

    /** Returns the plan's hash. */
    private String planned(String manifest, int pending) throws Exception {
        HttpResponse<String> plan = http.send(request("plan", manifest), HttpResponse.BodyHandlers.ofString());
        assertThat(plan.statusCode()).as(plan.body()).isEqualTo(200);
        assertThat(plan.headers().firstValueAsLong("Plan-Pending")).hasValue(pending);
        return JSON.readTree(plan.body()).path("hash").textValue();
    }

    private CompletableFuture<HttpResponse<String>> apply(String manifest, String hash) {
        return http.sendAsync(request("apply?plan=" + hash, manifest), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest request(String path, String manifest) {
        return HttpRequest.newBuilder(service().uri().resolve("/api/v1/provisioning/" + path))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/yaml")
                .timeout(PATIENCE)
                .POST(HttpRequest.BodyPublishers.ofString(manifest))
                .build();
    }

    private boolean isAnsweredWithin(Duration instant, CompletableFuture<HttpResponse<String>> apply) throws Exception {
        long begun = System.nanoTime();
        try {
            assertThat(apply.get(instant.toNanos(), TimeUnit.NANOSECONDS).statusCode())
                    .isEqualTo(200);
        } catch (TimeoutException e) {
            return false;
        }
        // A service that has run for a while is quicker
        calm = Duration.ofNanos(System.nanoTime() - begun);
        return true;
    }

    private static boolean answeredOk(CompletableFuture<HttpResponse<String>> apply) throws InterruptedException {
        try {
            return apply.get().statusCode() == 200;
        } catch (ExecutionException e) {
            // The service was killed before its answer
            return false;
        }
    }

    /** How many jobs of the manifest there are, each with its revision and its event, and soon with its timer. */
    private int stored(String prefix) throws Exception {
        Stored stored = read(prefix);
        assertThat(List.of(stored.revisions, stored.events))
                .as("revisions and events of %d jobs", stored.jobs)
                .containsOnly(stored.jobs);
        // Timers follow the jobs in a transaction of their own: decision 21
        await("each job has its timer").atMost(PATIENCE).until(() -> read(prefix).timers, equalTo(stored.jobs));
        return stored.jobs;
    }

    private record Stored(int jobs, int revisions, int timers, int events) {}

    private Stored read(String prefix) throws Exception {
        try (Connection connection = service().connect();
                Statement sql = connection.createStatement();
                ResultSet row = sql.executeQuery(STORED.formatted(prefix + "-%"))) {
            row.next();
            return new Stored(row.getInt(1), row.getInt(2), row.getInt(3), row.getInt(4));
        }
    }

    private void assertIntact() {
        assertThat(service().api(token).get("/audit/verify").jsonPath().getBoolean("intact"))
                .isTrue();
    }

    private static String manifest(String prefix) {
        return IntStream.range(0, JOBS)
                .mapToObj(number -> """
                  - name: %1$s-%2$04d
                    pollIntervalSeconds: 300
                    script: return '%1$s-%2$04d'
                """.formatted(prefix, number))
                .collect(Collectors.joining("", "reason: release\njobs:\n", ""));
    }
}

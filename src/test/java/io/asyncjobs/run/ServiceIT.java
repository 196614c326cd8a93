package io.asyncjobs.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.asyncjobs.testsupport.ServiceProcess;
import io.restassured.path.json.JsonPath;
import io.restassured.specification.RequestSpecification;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged service as its users meet it: as a process, which may be killed. */
class ServiceIT {

    /** After so long without a heartbeat a node is taken for dead. */
    private static final Duration LEASE = Duration.ofSeconds(5);

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern SHELL_BLOCK = Pattern.compile("```sh\n(?<code>.*?)```", Pattern.DOTALL);

    @TempDir
    Path folder;

    @Test
    void pasted_lines_of_the_readme_give_a_job_that_runs_each_interval() throws Exception {
        Path data = folder.resolve("data");
        try (ServiceProcess service = ServiceProcess.startIn(data, ServiceProcess.AS_DELIVERED)) {
            String section = Files.readString(Path.of("README.md")).split("## A first job", 2)[1];
            Matcher blocks = SHELL_BLOCK.matcher(section);

            assertThat(blocks.find()).isTrue();
            String create = blocks.group("code");
            assertThat(blocks.find()).isTrue();
            String output = shell(service, create + blocks.group("code"));

            List<String> answers =
                    output.lines().filter(line -> line.startsWith("{")).toList();
            assertThat(answers).hasSize(3);
            JsonPath runs = JsonPath.from(answers.get(1));
            assertThat(runs.getList("items.outcome"))
                    .hasSizeGreaterThanOrEqualTo(2)
                    .contains("succeeded");
            List<Instant> ticks = runs.getList("items.scheduledFor", String.class).stream()
                    .map(Instant::parse)
                    .toList();
            assertThat(Duration.between(ticks.get(1), ticks.get(0)).toMillis() % 2_000)
                    .isZero();
            assertThat(JsonPath.from(answers.get(2)).getBoolean("archived")).isTrue();
            String token = ServiceProcess.token(data, "alice", "superadmin");
            assertThat(service.get("/q/swagger-ui/").statusCode()).isEqualTo(401);
            assertThat(service.get("/q/swagger-ui/", token).statusCode())
                    .as("in development only")
                    .isEqualTo(404);
        }
    }

    @Test
    void killed_service_loses_the_run_in_flight_and_nothing_else() throws Exception {
        Path data = folder.resolve("data");
        String token;
        String inFlight;
        List<Long> workers;
        try (ServiceProcess first = ServiceProcess.startIn(data)) {
            token = ServiceProcess.token(data, "alice", "superadmin");
            create(first, token, "quick", 1, "return 1");
            createIdle(first, token, "long", "await sleep(50_000)");
            await().atMost(PATIENCE).until(() -> ended(first, token, "quick") >= 2);
            inFlight = api(first, token)
                    .post("/api/v1/jobs/long/runs")
                    .then()
                    .statusCode(202)
                    .extract()
                    .path("id");
            workers = ProcessHandle.of(first.pid())
                    .orElseThrow()
                    .descendants()
                    .map(ProcessHandle::pid)
                    .toList();

            first.kill();
        }
        Instant killed = Instant.now();
        assertThat(workers).isNotEmpty();
        await("workers end with their node").atMost(PATIENCE).until(() -> workers.stream()
                .flatMap(pid -> ProcessHandle.of(pid).stream())
                .noneMatch(process ->
                        process.isAlive() && process.info().command().orElse("").contains("java")));
        // One that is back before it could be missed was stalled, by the record
        await("it is away for longer than a node may be silent")
                .atMost(PATIENCE)
                .until(() -> Duration.between(killed, Instant.now()).compareTo(LEASE) > 0);

        try (ServiceProcess second = ServiceProcess.startIn(data)) {
            int before = ended(second, token, "quick");
            await().atMost(PATIENCE).until(() -> ended(second, token, "quick") > before);
            await().atMost(PATIENCE).until(() -> "lost"
                    .equals(api(second, token).get("/api/v1/runs/" + inFlight).path("outcome")));
            JsonPath ticks = api(second, token).get("/api/v1/jobs/quick/ticks").jsonPath();
            assertThat(ticks.<String, Integer>getMap("gaps"))
                    .as(ticks.prettify())
                    .hasEntrySatisfying("down", count -> assertThat(count).isPositive());
            // The job whose run was lost is free again
            api(second, token).post("/api/v1/jobs/long/runs").then().statusCode(202);
        }
    }

    @Test
    void service_that_is_asked_to_stop_lets_its_runs_end() throws Exception {
        Path data = folder.resolve("data");
        String token;
        String inFlight;
        try (ServiceProcess first = ServiceProcess.startIn(data)) {
            token = ServiceProcess.token(data, "alice", "superadmin");
            createIdle(first, token, "steady", "await sleep(2_000); return 'ended'");
            inFlight = api(first, token)
                    .post("/api/v1/jobs/steady/runs")
                    .then()
                    .statusCode(202)
                    .extract()
                    .path("id");

            assertThat(first.terminate()).isEqualTo(143);
        }
        try (ServiceProcess second = ServiceProcess.startIn(data)) {
            JsonPath run = api(second, token).get("/api/v1/runs/" + inFlight).jsonPath();
            assertThat(run.getString("outcome")).isEqualTo("succeeded");
            assertThat(run.getString("result")).isEqualTo("ended");
        }
    }

    @Test
    void database_that_dies_under_load_costs_time_but_no_accounting() throws Exception {
        Path data = folder.resolve("data");
        try (ServiceProcess service = ServiceProcess.startIn(data)) {
            String token = ServiceProcess.token(data, "alice", "superadmin");
            for (int i = 0; i < 10; i++) {
                create(service, token, "load-" + i, 1, "return " + i);
            }
            await().atMost(PATIENCE).until(() -> ended(service, token, "load-9") >= 2);

            ProcessHandle postmaster = service.postmaster().orElseThrow();
            postmaster.destroyForcibly();
            postmaster.onExit().join();

            await().atMost(PATIENCE).until(() -> service.log().contains("PostgreSQL is back"));
            for (int i = 0; i < 10; i++) {
                String job = "load-" + i;
                int before = ended(service, token, job);
                await().atMost(PATIENCE).until(() -> ended(service, token, job) >= before + 2);
                JsonPath ticks = api(service, token)
                        .get("/api/v1/jobs/" + job + "/ticks")
                        .jsonPath();
                Map<String, Integer> gaps = ticks.getMap("gaps");
                assertThat(ticks.getInt("expected"))
                        .isEqualTo(ticks.getInt("ran")
                                + gaps.values().stream()
                                        .mapToInt(Integer::intValue)
                                        .sum());
            }
        }
    }

    private static void create(ServiceProcess service, String token, String name, int interval, String script) {
        api(service, token)
                .body(Map.of("name", name, "pollIntervalSeconds", interval, "script", script))
                .post("/api/v1/jobs")
                .then()
                .statusCode(201);
    }

    /** A job that runs by hand only, and has not run. */
    private static void createIdle(ServiceProcess service, String token, String name, String script) {
        while (true) {
            create(service, token, name, 300, script);
            api(service, token).post("/api/v1/jobs/" + name + "/pause").then().statusCode(200);
            if (api(service, token)
                            .get("/api/v1/jobs/" + name + "/runs")
                            .jsonPath()
                            .getInt("total")
                    == 0) {
                return;
            }
            // Its first tick, which lies somewhere in the first interval, was faster: once in a while it is
            for (String step : List.of("/archive", "")) {
                RequestSpecification request = api(service, token).header("If-Match", "*");
                await().atMost(PATIENCE)
                        .until(() -> request.request(step.isEmpty() ? "DELETE" : "POST", "/api/v1/jobs/" + name + step)
                                        .statusCode()
                                < 300);
            }
        }
    }

    private static int ended(ServiceProcess service, String token, String job) {
        List<String> outcomes = api(service, token)
                .queryParam("size", 500)
                .get("/api/v1/jobs/" + job + "/runs")
                .jsonPath()
                .getList("items.findAll { it.outcome == 'succeeded' }.id");
        return outcomes == null ? 0 : outcomes.size();
    }

    private static RequestSpecification api(ServiceProcess service, String token) {
        return service.request(token);
    }

    /** Runs lines of the README as they stand, but for the address and the folder. */
    private String shell(ServiceProcess service, String code) throws Exception {
        String adapted = code.replace("http://127.0.0.1:8080", service.uri().toString())
                .replace("./asyncjobs token", "./asyncjobs token --data '" + service.data() + "'");
        ProcessBuilder shell = new ProcessBuilder("sh", "-euc", adapted).redirectError(ProcessBuilder.Redirect.INHERIT);
        shell.environment().put("ASYNCJOBS_BUILD", "never");
        Process process = shell.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}

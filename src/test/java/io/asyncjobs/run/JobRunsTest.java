package io.asyncjobs.run;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.archive;
import static io.asyncjobs.testsupport.Api.createJob;
import static io.asyncjobs.testsupport.Api.endedRuns;
import static io.asyncjobs.testsupport.Api.idleJob;
import static io.asyncjobs.testsupport.Api.runNow;
import static io.asyncjobs.testsupport.Api.ticks;
import static io.asyncjobs.testsupport.Api.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;

import io.asyncjobs.script.ScriptPool;
import io.asyncjobs.script.WorkerView;
import io.asyncjobs.testsupport.DatabaseResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Jobs as they run: real timers, real workers, real time. Bounds are the contract's, not the machine's. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class JobRunsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Inject
    ScriptPool pool;

    @BeforeEach
    void awaitAWorker() {
        await().atMost(PATIENCE).until(() -> pool.freePlaces() > 0);
    }

    @Test
    void every_tick_is_on_the_grid_and_accounted_for_and_no_two_runs_overlap() {
        String job = createJob(1, "return run.scheduledFor").getString("id");

        List<Map<String, Object>> runs = endedRuns(job, 6);
        archive(job);

        List<Map<String, Object>> inOrder = runs.stream()
                .sorted(Comparator.comparing(run -> instant(run, "scheduledFor")))
                .toList();
        Instant first = instant(inOrder.getFirst(), "scheduledFor");
        Instant freeFrom = Instant.MIN;
        for (Map<String, Object> run : inOrder) {
            Instant tick = instant(run, "scheduledFor");
            assertThat(Duration.between(first, tick).toNanos() % 1_000_000_000).isZero();
            assertThat(run).containsEntry("trigger", "timer").containsEntry("outcome", "succeeded");
            assertThat(instant(run, "result")).isEqualTo(tick);
            assertThat(instant(run, "startedAt")).isAfterOrEqualTo(tick).isAfterOrEqualTo(freeFrom);
            freeFrom = instant(run, "finishedAt");
        }
        await().atMost(PATIENCE).untilAsserted(() -> {
            Map<String, Object> ledger = ticks(job).getMap("$");
            int ran = JobRunsTest.<Integer>field(ledger, "ran");
            int missed =
                    gaps(ledger).values().stream().mapToInt(Integer::intValue).sum();
            assertThat(ledger).containsEntry("expected", ran + missed);
            assertThat(ran).isGreaterThanOrEqualTo(6);
        });
    }

    @Test
    void ticks_that_fall_due_during_a_run_are_gaps_with_reason_overlap() {
        String job = createJob(1, "await sleep(1500)").getString("id");

        List<Map<String, Object>> runs = endedRuns(job, 3);
        archive(job);

        for (int i = 1; i < 3; i++) {
            Duration apart =
                    Duration.between(instant(runs.get(i), "scheduledFor"), instant(runs.get(i - 1), "scheduledFor"));
            assertThat(apart).isGreaterThanOrEqualTo(Duration.ofSeconds(2));
        }
        assertThat(gaps(ticks(job).getMap("$"))).containsKey("overlap");
    }

    @Test
    void script_sees_its_parameters_its_job_its_user_and_the_state_of_the_run_before() {
        String user = unique("edc-sync");
        api().body(Map.of("username", user, "displayName", "EDC Sync"))
                .post("/accounts")
                .then()
                .statusCode(201);
        String script = """
                const count = (await state.get('count')) ?? 0;
                await state.set('count', count + params.step);
                log.info('counting', { count });
                return { count, user, job: job.name, revision: job.revision, trigger: run.trigger };
                """;
        String name = unique("state");
        String job = createJob(1, script, Map.of("name", name, "parameters", Map.of("step", 5), "associatedUser", user))
                .getString("id");

        List<Map<String, Object>> runs = endedRuns(job, 2);
        archive(job);

        assertThat(runs.getLast().get("result"))
                .isEqualTo(Map.of(
                        "count",
                        0,
                        "user",
                        Map.of("username", user, "displayName", "EDC Sync"),
                        "job",
                        name,
                        "revision",
                        1,
                        "trigger",
                        "timer"));
        assertThat(JobRunsTest.<Map<String, Object>>field(runs.get(runs.size() - 2), "result"))
                .containsEntry("count", 5);
        assertThat(runs).allSatisfy(run -> assertThat(run).containsEntry("user", user));
        String log = api().get("/runs/{run}/log", runs.getLast().get("id"))
                .then()
                .statusCode(200)
                .contentType("text/plain")
                .extract()
                .asString();
        assertThat(log).containsPattern("^\\S+Z INFO  counting .*\"count\":0").endsWith("\n");
    }

    @Test
    void state_of_a_run_that_failed_is_dropped() {
        String script = """
                const before = await state.get('seen');
                await state.set('seen', true);
                if (!params.pass) throw new Error('before: ' + before);
                return before;
                """;
        String job = idleJob(script).getString("id");

        runNow(job);
        runNow(job);

        assertThat(endedRuns(job, 2))
                .allSatisfy(run -> assertThat(error(run)).containsEntry("message", "Error: before: null"));
    }

    @Test
    void error_has_the_scripts_own_line_and_column() {
        String job = idleJob("const a = 1;\r\n\r\n  throw new TypeError('bad ' + a);")
                .getString("id");

        Map<String, Object> run = runNow(job);

        assertThat(run).containsEntry("outcome", "failed");
        assertThat(error(run))
                .containsEntry("message", "TypeError: bad 1")
                .containsEntry("line", 3)
                .containsEntry("column", 9);
    }

    @ParameterizedTest
    @ValueSource(strings = {"while(true){}", "String(7n**(10n**7n))"})
    void script_that_never_ends_is_timed_out_and_its_neighbour_stays_on_time(String script) {
        String neighbour = createJob(1, "return 1").getString("id");
        String job = idleJob(script, Map.of("timeoutSeconds", 2)).getString("id");
        endedRuns(neighbour, 1);

        Map<String, Object> run = runNow(job);
        List<Map<String, Object>> meanwhile = endedRuns(neighbour, 3);
        archive(neighbour);

        assertThat(run).containsEntry("outcome", "timed_out");
        assertThat(JobRunsTest.<Number>field(run, "durationMillis").longValue()).isBetween(2_000L, 3_000L);
        assertThat(meanwhile).allSatisfy(other -> assertThat(other).containsEntry("outcome", "succeeded"));
    }

    @Test
    void job_that_is_running_is_not_started_again_by_hand() {
        String job = idleJob("await sleep(2000)").getString("id");
        Response started = api().post("/jobs/{job}/runs", job);
        started.then()
                .statusCode(202)
                .header(
                        "Location",
                        endsWith("/api/v1/runs/" + started.jsonPath().getString("id")))
                .body("trigger", equalTo("manual"));

        api().post("/jobs/{job}/runs", job).then().statusCode(409).body("type", endsWith("#job-running"));

        endedRuns(job, 1);
        archive(job);
        api().post("/jobs/{job}/runs", job).then().statusCode(409).body("type", endsWith("#job-archived"));
    }

    @Test
    void archive_lets_the_run_in_flight_end_and_unarchive_starts_a_new_grid() {
        String job = createJob(1, "log.info('begun'); await sleep(5000); return 'ended as it would'")
                .getString("id");
        String going = await().atMost(PATIENCE)
                .until(
                        () -> api().get("/jobs/{job}/runs", job)
                                .jsonPath()
                                .getString("items.find { it.outcome == null }?.id"),
                        id -> id != null
                                && api().get("/runs/{run}/log", id).asString().contains("begun"));

        archive(job);

        await().atMost(PATIENCE).untilAsserted(() -> api().get("/runs/{run}", going)
                .then()
                .body("outcome", equalTo("succeeded"))
                .body("result", equalTo("ended as it would")));
        int ran = ticks(job).getInt("ran");
        api().get("/jobs/{job}", job)
                .then()
                .body("archived", equalTo(true))
                .body("nextTickAt", equalTo(null))
                .body("lastRun.id", equalTo(going));
        api().header("If-Match", "*")
                .post("/jobs/{job}/unarchive", job)
                .then()
                .statusCode(200)
                .body("archived", equalTo(false))
                .body("revision", equalTo(3));
        await().atMost(PATIENCE).until(() -> ticks(job).getInt("ran") > ran);
        archive(job);
    }

    @Test
    void killed_worker_is_said_so_and_the_next_run_succeeds() {
        String job = idleJob("await sleep(params.ms); return 1", Map.of("parameters", Map.of("ms", 20_000)))
                .getString("id");
        String run = api().post("/jobs/{job}/runs", job).jsonPath().getString("id");
        WorkerView busy = await().atMost(PATIENCE)
                .until(
                        () -> pool.workers().stream()
                                .filter(worker -> worker.inFlight() > 0)
                                .findFirst(),
                        found -> found.isPresent())
                .orElseThrow();

        ProcessHandle.of(busy.pid()).orElseThrow().destroyForcibly();

        await().atMost(PATIENCE)
                .untilAsserted(() -> api().get("/runs/{run}", run).then().body("outcome", equalTo("lost")));
        assertThat(api().get("/runs/{run}", run).jsonPath().getString("error.message"))
                .contains("worker process died")
                .contains("signal 9");
        api().header("If-Match", "*")
                .contentType("application/merge-patch+json")
                .body(Map.of("parameters", Map.of("ms", 1)))
                .patch("/jobs/{job}", job)
                .then()
                .statusCode(200);
        await().atMost(PATIENCE).until(() -> pool.freePlaces() > 0);
        assertThat(runNow(job)).containsEntry("outcome", "succeeded");
    }

    @Test
    void log_text_keeps_an_entry_on_its_line_whatever_it_holds() {
        String job = idleJob("log.warn('one\\r\\n2026-01-01 ERROR forged\\u001b[31m\\u0000\\ud800')")
                .getString("id");

        Map<String, Object> run = runNow(job);

        String log = api().get("/runs/{run}/log", run.get("id")).asString();
        assertThat(log.lines()).hasSize(1);
        assertThat(log).contains("WARN  one\\r\\n2026-01-01 ERROR forged\\u001b[31m\\u0000\uFFFD");
    }

    @Test
    void hostile_results_are_kept_as_data() {
        String job = idleJob("return { text: '\\u0000 \\ud800 </script>', deep: [[[]]] }")
                .getString("id");

        String run = (String) runNow(job).get("id");

        String json =
                api().get("/runs/{run}", run).then().statusCode(200).extract().asString();
        assertThat(json).contains("\\u0000").contains("\\ud800").contains("[[[]]]");
    }

    private static Instant instant(Map<String, Object> run, String field) {
        return Instant.parse(field(run, field));
    }

    private static Map<String, Object> error(Map<String, Object> run) {
        return field(run, "error");
    }

    private static Map<String, Integer> gaps(Map<String, Object> ledger) {
        return field(ledger, "gaps");
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // A field of a JSON object, as the test knows it
    private static <T> T field(Map<String, Object> object, String name) {
        return (T) Objects.requireNonNull(object.get(name), name);
    }
}

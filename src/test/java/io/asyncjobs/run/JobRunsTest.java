package io.asyncjobs.run;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.archive;
import static io.asyncjobs.testsupport.Api.createJob;
import static io.asyncjobs.testsupport.Api.ended;
import static io.asyncjobs.testsupport.Api.endedRuns;
import static io.asyncjobs.testsupport.Api.idleJob;
import static io.asyncjobs.testsupport.Api.patch;
import static io.asyncjobs.testsupport.Api.runNow;
import static io.asyncjobs.testsupport.Api.startRun;
import static io.asyncjobs.testsupport.Api.ticks;
import static io.asyncjobs.testsupport.Api.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;

import io.asyncjobs.script.ScriptPool;
import io.asyncjobs.script.WorkerView;
import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.Pages;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
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
        await().atMost(PATIENCE).until(() -> pool.freeSlots() > 0);
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
    void list_of_jobs_says_that_ticks_are_skipped() {
        String name = unique("slow");
        String job = createJob(1, "await sleep(2500)", Map.of("name", name)).getString("id");

        await().atMost(PATIENCE).until(() -> listed(name).getInt("items[0].overlappedTicks") >= 4);

        assertThat(Pages.page()
                        .queryParam("q", name)
                        .get("/admin/support/async-jobs")
                        .asString())
                .containsPattern("[0-9]+ ticks skipped in 1 h");
        assertThat(api().get("/jobs/{job}", job).jsonPath().getInt("overlappedTicks"))
                .isBetween(4, 20);
        assertThat(listed(name).getInt("items[0].overlappedLastHour")).isGreaterThanOrEqualTo(4);
        archive(job);
        assertThat(listed(name).getInt("items[0].overlappedTicks"))
                .as("no ticks, none skipped")
                .isZero();
    }

    @Test
    void job_that_runs_keeps_its_last_outcome_in_lists_and_filters() {
        String name = unique("kept");
        String job = idleJob(
                        "if (await state.get('again')) await sleep(60000); await state.set('again', 1); throw new Error('no')",
                        Map.of("name", name))
                .getString("id");
        assertThat(listed(name).<Object>get("items[0].lastOutcome")).isNull();
        api().body("false").put("/jobs/{job}/state/again", job).then().statusCode(200);
        assertThat(runNow(job)).containsEntry("outcome", "failed");
        assertThat(listed(name).getString("items[0].lastOutcome")).isEqualTo("failed");

        api().body("true").put("/jobs/{job}/state/again", job).then().statusCode(200);
        String run = startRun(job);

        JsonPath listed = listed(name);
        assertThat(listed.getString("items[0].lastRun.id")).isEqualTo(run);
        assertThat(listed.<Object>get("items[0].lastRun.outcome")).isNull();
        assertThat(listed.getString("items[0].lastOutcome")).isEqualTo("failed");
        assertThat(api().get("/jobs/{job}", job).jsonPath().getString("lastOutcome"))
                .isEqualTo("failed");
        for (String outcome : List.of("failed", "running")) {
            assertThat(Pages.page()
                            .queryParams(Map.of("q", name, "outcome", outcome))
                            .get("/admin/support/async-jobs")
                            .asString())
                    .contains("job-" + job)
                    .contains("outcome failed")
                    .contains("outcome running");
        }
        assertThat(Pages.page()
                        .queryParams(Map.of("q", name, "outcome", "none"))
                        .get("/admin/support/async-jobs")
                        .asString())
                .doesNotContain("job-" + job);
        api().post("/runs/{run}/cancel", run).then().statusCode(202);
        assertThat(ended(run)).containsEntry("outcome", "cancelled");
        assertThat(listed(name).getString("items[0].lastOutcome")).isEqualTo("cancelled");
    }

    private static JsonPath listed(String name) {
        return api().queryParam("name", name).get("/jobs").jsonPath();
    }

    @Test
    void runs_are_read_page_by_page_while_others_arrive() {
        String job = idleJob("return 1").getString("id");
        for (int i = 0; i < 5; i++) {
            runNow(job);
        }
        List<String> all = api().get("/jobs/{job}/runs", job).jsonPath().getList("items.id");
        List<String> read = new ArrayList<>();
        String next = null;
        do {
            var request = api().queryParam("size", 2);
            JsonPath page = (next == null ? request : request.queryParam("after", next))
                    .get("/jobs/{job}/runs", job)
                    .then()
                    .statusCode(200)
                    .extract()
                    .jsonPath();
            read.addAll(page.getList("items.id"));
            next = page.getString("next");
            runNow(job);
        } while (next != null);

        assertThat(read).isEqualTo(all);
        assertThat(api().queryParams(Map.of("sort", "id", "size", 3))
                        .get("/jobs/{job}/runs", job)
                        .jsonPath()
                        .<String>getList("items.id"))
                .as("the first ones first")
                .isEqualTo(all.reversed().subList(0, 3));
        api().queryParams(Map.of("after", all.getFirst(), "page", 1))
                .get("/jobs/{job}/runs", job)
                .then()
                .statusCode(400)
                .body("violations.field", equalTo(List.of("page")));
    }

    @Test
    void changed_interval_is_answered_with_the_tick_that_follows_from_it() {
        String job = createJob(300, "return 1").getString("id");
        archive(job);
        Instant before = Instant.now();

        JsonPath back =
                api().header("If-Match", "*").post("/jobs/{job}/unarchive", job).jsonPath();
        assertThat(Instant.parse(back.getString("nextTickAt"))).isBetween(before, before.plusSeconds(301));
        JsonPath patched = patch(job, Map.of("pollIntervalSeconds", 2)).jsonPath();
        assertThat(Instant.parse(patched.getString("nextTickAt")))
                .isBefore(Instant.now().plusSeconds(3));
        assertThat(Instant.parse(createJob(300, "return 1").getString("nextTickAt")))
                .isBetween(before, Instant.now().plusSeconds(301));
        assertThat(endedRuns(job, 1)).isNotEmpty();
        archive(job);
    }

    @Test
    void tick_runs_although_the_interval_changes_again_and_again_before_it() {
        String job = createJob(4, "return 1").getString("id");
        endedRuns(job, 1);
        Instant until = Instant.now().plusSeconds(12);
        int interval = 4;
        while (Instant.now().isBefore(until)) {
            interval = interval == 4 ? 3 : 4;
            patch(job, Map.of("pollIntervalSeconds", interval));
        }
        JsonPath ledger = ticks(job);
        archive(job);

        assertThat(ledger.getInt("ran")).as("in twelve seconds and the first").isBetween(3, 6);
        assertThat(ledger.getMap("gaps")).isEmpty();
        assertThat(ledger.getInt("expected")).isEqualTo(ledger.getInt("ran"));
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
        await().atMost(PATIENCE).until(() -> pool.freeSlots() > 0);
        assertThat(runNow(job)).containsEntry("outcome", "succeeded");
    }

    @Test
    void log_text_keeps_an_entry_on_its_line_whatever_it_holds() {
        String job = idleJob("log.warn('one\\r\\n2026-01-01 ERROR forged\\u001b[31m\\u0000\\ud800')")
                .getString("id");

        Map<String, Object> run = runNow(job);

        String log = api().get("/runs/{run}/log", run.get("id")).asString();
        assertThat(log.lines()).hasSize(1);
        assertThat(log).contains("WARN  one\\r\\n2026-01-01 ERROR forged\\u001b[31m\\u0000\\ud800");
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

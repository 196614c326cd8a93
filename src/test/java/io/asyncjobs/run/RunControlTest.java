package io.asyncjobs.run;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.ended;
import static io.asyncjobs.testsupport.Api.exactApi;
import static io.asyncjobs.testsupport.Api.idleJob;
import static io.asyncjobs.testsupport.Api.patch;
import static io.asyncjobs.testsupport.Api.runNow;
import static io.asyncjobs.testsupport.Api.startRun;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.in;

import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.ServerSentEvents;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(DatabaseResource.class)
class RunControlTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Test
    void cancelled_run_ends_with_who_and_why() {
        String job = idleJob("while (true) await sleep(1000)").getString("id");
        String run = startRun(job);

        api().body(Map.of("reason", "wrong environment"))
                .post("/runs/{run}/cancel", run)
                .then()
                .statusCode(202)
                .body("id", equalTo(run));

        Map<String, Object> cancelled = ended(run);
        assertThat(cancelled).containsEntry("outcome", "cancelled");
        assertThat(error(cancelled)).contains("Cancelled by alice: wrong environment");
        api().post("/runs/{run}/cancel", run).then().statusCode(409).body("type", endsWith("#run-ended"));
        api().post("/runs/{run}/cancel", UUID.randomUUID()).then().statusCode(404);
        api().post("/runs/{run}/cancel", "x").then().statusCode(404);
    }

    @Test
    void script_that_listens_to_nobody_is_cancelled_too() {
        String job = idleJob("while (true) {}").getString("id");
        String run = startRun(job);

        api().post("/runs/{run}/cancel", run).then().statusCode(202);

        assertThat(ended(run)).containsEntry("outcome", "cancelled");
    }

    @Test
    void job_says_since_when_it_fails_and_when_it_last_succeeded() {
        String script = "if (params.wait) await sleep(60000); if (params.fails) throw new Error('no')";
        String job = idleJob(script).getString("id");
        assertThat(api().get("/jobs/{job}", job).jsonPath().getMap("$"))
                .containsEntry("failingSince", null)
                .containsEntry("lastSuccessAt", null);

        Object succeeded = runNow(job).get("finishedAt");
        patch(job, Map.of("parameters", Map.of("fails", true)));
        Object failed = runNow(job).get("finishedAt");
        runNow(job);
        patch(job, Map.of("parameters", Map.of("wait", true)));
        String cancelled = startRun(job);
        api().post("/runs/{run}/cancel", cancelled).then().statusCode(202);
        ended(cancelled);

        for (String path : List.of(
                "/jobs/" + job,
                "/jobs?name=" + api().get("/jobs/{job}", job).jsonPath().getString("name"))) {
            String at = path.contains("?") ? "items[0]" : "$";
            assertThat(api().get(path).jsonPath().getMap(at))
                    .as("what is cancelled neither fails nor succeeds: " + path)
                    .containsEntry("failingSince", failed)
                    .containsEntry("lastSuccessAt", succeeded);
        }

        patch(job, Map.of("parameters", Map.of("wait", false, "fails", false)));
        Object again = runNow(job).get("finishedAt");
        assertThat(api().get("/jobs/{job}", job).jsonPath().getMap("$"))
                .containsEntry("failingSince", null)
                .containsEntry("lastSuccessAt", again);
    }

    @Test
    void live_log_replays_follows_and_ends_with_the_run() throws Exception {
        String job = idleJob("""
                        log.info('first', { n: 1 });
                        while (!(await state.get('go'))) { await sleep(50); if (params.until < Date.now()) break; }
                        for (let i = 0; i < 20; i++) { log.warn('line ' + i); await sleep(50); }
                        """, Map.of("parameters", Map.of("until", 0))).getString("id");
        String run = startRun(job);

        try (ServerSentEvents events = ServerSentEvents.open("/api/v1/runs/" + run + "/log", null)) {
            List<ServerSentEvents.Event> all = events.untilEnd(PATIENCE);

            assertThat(all).extracting(ServerSentEvents.Event::name).hasSize(22).endsWith("end");
            assertThat(all.getFirst().data()).contains("\"text\":\"first\"").contains("\"data\":{\"n\":1}");
            assertThat(all.get(20).data()).contains("\"level\":\"warn\"").contains("\"text\":\"line 19\"");
            assertThat(all.getLast().data()).contains("\"outcome\":\"succeeded\"");
            // Replayed from behind the third line, the run being over
            try (ServerSentEvents rest = ServerSentEvents.open(
                    "/api/v1/runs/" + run + "/log", all.get(2).id())) {
                assertThat(rest.untilEnd(PATIENCE)).isEqualTo(all.subList(3, all.size()));
            }
        }
    }

    @Test
    void log_is_text_unless_events_are_asked_for_and_unknown_runs_are_a_problem() {
        String run = (String) Objects.requireNonNull(
                runNow(idleJob("log.info('only line')").getString("id")).get("id"));

        api().accept("*/*").get("/runs/{run}/log", run).then().statusCode(200).contentType("text/plain");
        assertThat(api().accept("text/event-stream")
                        .get("/runs/{run}/log", run)
                        .then()
                        .statusCode(200)
                        .contentType("text/event-stream")
                        .extract()
                        .asString())
                .contains("event:line")
                .contains("event:end");
        api().accept("text/event-stream")
                .get("/runs/{run}/log", UUID.randomUUID())
                .then()
                .statusCode(404)
                .contentType("application/problem+json");
    }

    @Test
    void run_of_an_earlier_revision_or_with_its_own_parameters_leaves_the_job_as_it_is() {
        String job = idleJob(
                        "return { first: params }",
                        Map.of(
                                "parameters",
                                Map.of("days", 1),
                                "parametersSchema",
                                Map.of("properties", Map.of("days", Map.of("type", "integer", "maximum", 30)))))
                .getString("id");
        patch(job, Map.of("script", "return { second: params }", "parameters", Map.of("days", 2)));

        Map<String, Object> again = ended(start(job, Map.of("revision", 1)));
        Map<String, Object> changed = ended(start(job, Map.of("parameters", Map.of("days", 7), "reason", "catch up")));
        Map<String, Object> both = ended(start(job, Map.of("revision", 1, "parameters", Map.of("days", 8))));
        Map<String, Object> same = ended(start(job, Map.of("parameters", Map.of("days", 2))));

        assertThat(again)
                .containsEntry("revision", 1)
                .containsEntry("parametersOverridden", false)
                .containsEntry("parameters", Map.of("days", 1))
                .containsEntry("result", Map.of("first", Map.of("days", 1)));
        assertThat(changed)
                .containsEntry("revision", 2)
                .containsEntry("parametersOverridden", true)
                .containsEntry("parameters", Map.of("days", 7))
                .containsEntry("result", Map.of("second", Map.of("days", 7)));
        assertThat(both).containsEntry("revision", 1).containsEntry("result", Map.of("first", Map.of("days", 8)));
        assertThat(same).containsEntry("parametersOverridden", false);
        api().get("/jobs/{job}", job)
                .then()
                .body("revision", equalTo(2))
                .body("parameters", equalTo(Map.of("days", 2)));
        api().get("/jobs/{job}/runs", job)
                .then()
                .body("items.parametersOverridden", contains(false, true, true, false))
                .body("items.parameters", contains(null, null, null, null));
        api().queryParam("entityType", "job")
                .queryParam("entity", job)
                .get("/audit")
                .then()
                .body(
                        "items.findAll { it.action == 'run' }.after",
                        contains(
                                Map.of("revision", 2),
                                Map.of("revision", 1, "parameters", Map.of("days", 8)),
                                Map.of("revision", 2, "parameters", Map.of("days", 7)),
                                Map.of("revision", 1)));
    }

    @Test
    void run_that_cannot_be_is_refused_and_starts_nothing() {
        String job = idleJob(
                        "return 1",
                        Map.of(
                                "parametersSchema",
                                Map.of("required", List.of("days"), "type", "object"),
                                "parameters",
                                Map.of("days", 1)))
                .getString("id");

        api().body(Map.of("revision", 2))
                .post("/jobs/{job}/runs", job)
                .then()
                .statusCode(422)
                .body("violations.field", contains("revision"));
        api().body(Map.of("revision", 0)).post("/jobs/{job}/runs", job).then().statusCode(422);
        api().body(Map.of("parameters", Map.of()))
                .post("/jobs/{job}/runs", job)
                .then()
                .statusCode(422)
                .body("violations.field", contains("parameters.days"));
        api().body("{\"parameters\": [1]}").post("/jobs/{job}/runs", job).then().statusCode(422);
        exactApi()
                .body("{\"parameters\": {\"days\": 9007199254740993}}")
                .post("/jobs/{job}/runs", job)
                .then()
                .statusCode(422);
        api().body(Map.of("parameter", Map.of()))
                .post("/jobs/{job}/runs", job)
                .then()
                .statusCode(422);

        api().get("/jobs/{job}/runs", job).then().body("total", equalTo(0));
    }

    private static String start(String job, Map<String, Object> wanted) {
        return api().body(wanted)
                .post("/jobs/{job}/runs", job)
                .then()
                .statusCode(202)
                .extract()
                .jsonPath()
                .getString("id");
    }

    @Test
    void state_is_read_and_set_by_hand_under_the_rules_of_scripts() {
        String job = idleJob("await state.set('run', run.id); return await state.get('by/hand')")
                .getString("id");

        api().body("{\"a\":[1,2.50,null]}")
                .put("/jobs/{job}/state/{key}", job, "by/hand")
                .then()
                .statusCode(200)
                .body("key", equalTo("by/hand"))
                .body("updatedBy", equalTo("alice"))
                .body("updatedByRun", equalTo(null));
        Map<String, Object> run = runNow(job);

        assertThat(run.get("result"))
                .isEqualTo(api().get("/jobs/{job}/state/{key}", job, "by/hand")
                        .jsonPath()
                        .get("value"));
        api().get("/jobs/{job}/state", job)
                .then()
                .statusCode(200)
                .body("items.key", contains("by/hand", "run"))
                .body("items[1].value", equalTo(run.get("id")))
                .body("items[1].updatedByRun", equalTo(run.get("id")))
                .body("items[1].updatedBy", equalTo(null));
        api().delete("/jobs/{job}/state/{key}", job, "by/hand").then().statusCode(204);
        api().delete("/jobs/{job}/state/{key}", job, "by/hand").then().statusCode(404);
        api().get("/jobs/{job}/state/{key}", job, "by/hand").then().statusCode(404);
        assertThat(runNow(job).get("result")).isNull();
    }

    @Test
    void hostile_state_is_refused_or_kept_as_data() {
        String job = idleJob("return Object.getPrototypeOf({}) === Object.prototype && await state.get('__proto__')")
                .getString("id");

        api().body("{").put("/jobs/{job}/state/a", job).then().statusCode(400);
        api().body("{\"a\":1,\"a\":2}").put("/jobs/{job}/state/a", job).then().statusCode(422);
        api().body("1")
                .put("/jobs/{job}/state/{key}", job, "k".repeat(501))
                .then()
                .statusCode(422)
                .body("violations.field", contains("key"));
        api().body("\"" + "x".repeat(1_100_000) + "\"")
                .put("/jobs/{job}/state/a", job)
                .then()
                .statusCode(422)
                .body("violations.field", contains("value"));
        api().get("/jobs/{job}/state", job).then().body("items", hasSize(0));
        api().body("{\"__proto__\":{\"poisoned\":true}}")
                .put("/jobs/{job}/state/{key}", job, "__proto__")
                .then()
                .statusCode(200);
        assertThat(runNow(job)).containsEntry("outcome", "succeeded");
    }

    @Test
    void run_lists_its_effects() {
        String job = idleJob("""
                await state.set('since', 'now');
                await state.set('long', 'x'.repeat(5000));
                await state.delete('never');
                """).getString("id");

        Map<String, Object> run = runNow(job);

        List<Map<String, Object>> effects = io.restassured.path.json.JsonPath.from(
                        api().get("/runs/{run}", run.get("id")).asString())
                .getList("effects");
        assertThat(effects).hasSize(2);
        assertThat(effects.getFirst())
                .containsEntry("call", "state.set")
                .containsEntry("target", "since")
                .containsEntry("value", "now");
        assertThat(effects.getLast().get("value")).asString().contains("(cut, 5002 characters in all)");
        assertThat(runNow(idleJob("return 1").getString("id")).get("effects")).isNull();
    }

    @Test
    void trial_reads_what_is_there_and_changes_nothing() {
        String job = idleJob("return (await state.get('n')) + params.step", Map.of("parameters", Map.of("step", 2)))
                .getString("id");
        api().body("40").put("/jobs/{job}/state/n", job).then().statusCode(200);

        api().body(Map.of("job", job))
                .post("/trials")
                .then()
                .statusCode(200)
                .body("outcome", equalTo("succeeded"))
                .body("result", equalTo(42))
                .body("effects", hasSize(0));
        api().body(
                        Map.of(
                                "job",
                                job,
                                "script",
                                "log.info('trying', {x: 1}); await state.set('n', 1); return [await state.get('n'), run.trigger, job.name === null]"))
                .post("/trials")
                .then()
                .statusCode(200)
                .body("result", equalTo(List.of(1, "trial", false)))
                .body("effects.call", contains("state.set"))
                .body("effects.target", contains("n"))
                .body("effects.value", contains(1))
                .body("log.text", contains("trying"))
                .body("log.data.x", contains(1));

        api().get("/jobs/{job}/state/n", job).then().body("value", equalTo(40));
        api().get("/jobs/{job}/runs", job).then().body("total", equalTo(0));
    }

    @Test
    void trial_of_a_script_alone_tells_its_failure() {
        api().body(Map.of("script", "throw new Error('no ' + user)"))
                .post("/trials")
                .then()
                .statusCode(200)
                .body("outcome", equalTo("failed"))
                .body("error.message", equalTo("Error: no null"))
                .body("error.line", equalTo(1))
                .body("result", equalTo(null));
        api().body(Map.of("script", "while(true){}", "timeoutSeconds", 1))
                .post("/trials")
                .then()
                .statusCode(200)
                .body("outcome", equalTo("timed_out"));
    }

    @Test
    void trial_that_makes_no_sense_is_refused() {
        api().body(Map.of()).post("/trials").then().statusCode(422).body("violations.field", contains("script"));
        api().body(Map.of("script", "return (", "associatedUser", "nobody"))
                .post("/trials")
                .then()
                .statusCode(422)
                .body("violations.field", contains("script", "associatedUser"));
        api().body(Map.of("job", "no such job")).post("/trials").then().statusCode(404);
        api().body(Map.of("script", "return 1", "timeoutSeconds", 301))
                .post("/trials")
                .then()
                .statusCode(422)
                .body("violations.field", contains("timeoutSeconds"));
    }

    @Test
    void cluster_shows_this_node_its_workers_and_what_it_holds() {
        String job = idleJob("await sleep(60000)").getString("id");
        String run = startRun(job);

        await().atMost(PATIENCE).untilAsserted(() -> api().queryParam("live", true)
                .get("/cluster/nodes")
                .then()
                .statusCode(200)
                .body("items.findAll { it.self }", hasSize(1))
                .body("items.find { it.self }.workers.state", hasItem("ready"))
                .body("items.find { it.self }.workers.mode", hasItem(in(List.of("interpreted", "compiled"))))
                .body("items.find { it.self }.runs.runId", hasItem(run))
                .body("items.find { it.self }.runs.jobId", hasItem(job)));
        api().post("/runs/{run}/cancel", run).then().statusCode(202);
        ended(run);
        api().queryParam("live", "maybe").get("/cluster/nodes").then().statusCode(400);
    }

    private static String error(Map<String, Object> run) {
        return Objects.requireNonNull(run.get("error")).toString();
    }
}

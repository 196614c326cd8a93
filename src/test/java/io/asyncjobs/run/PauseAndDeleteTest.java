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
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.asyncjobs.testsupport.DatabaseResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(DatabaseResource.class)
class PauseAndDeleteTest {

    private static final int RARELY = 300;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Test
    void job_that_is_created_paused_has_no_tick_before_it_is_resumed() {
        Map<String, Object> draft = Map.of(
                "name", unique("unfinished"), "script", "return 1", "pollIntervalSeconds", 1, "reason", "not ready");
        Response created = api().body(draft).queryParam("paused", true).post("/jobs");
        created.then().statusCode(201).body("paused", equalTo(true)).body("pause.reason", equalTo("not ready"));
        String job = created.jsonPath().getString("id");
        // Its first change can be made at once
        patch(job, Map.of("script", "return 2"));

        await().atMost(PATIENCE).ignoreExceptions().until(() -> ticks(job).getInt("gaps.paused") >= 2);
        assertThat(ticks(job).getInt("ran")).isZero();
        assertThat(api().get("/audit?entity=" + job).jsonPath().<String>getList("items.action"))
                .containsExactly("update", "pause", "create");
        api().post("/jobs/{job}/resume", job).then().statusCode(200);
        await().atMost(PATIENCE).until(() -> ticks(job).getInt("ran") >= 1);
        archive(job);

        api().body(Map.of("name", unique("x"), "script", "return 1"))
                .queryParam("paused", "maybe")
                .post("/jobs")
                .then()
                .statusCode(400)
                .body("violations[0].field", equalTo("paused"));
    }

    @Test
    void paused_job_does_not_run_until_it_is_resumed_and_its_ticks_are_gaps() {
        String job = createJob(1, "return 1").getString("id");
        endedRuns(job, 1);

        Response paused = api().body(Map.of("reason", "the lab is offline")).post("/jobs/{job}/pause", job);
        paused.then()
                .statusCode(200)
                .body("paused", equalTo(true))
                .body("pause.reason", equalTo("the lab is offline"))
                .body("pause.by", equalTo("alice"))
                .body("pause.until", nullValue())
                .body("revision", equalTo(1));
        await().atMost(PATIENCE)
                .until(() -> api().get("/jobs/{job}", job).jsonPath().get("nextTickAt") == null);
        // Until the first, there is no such gap
        await().atMost(PATIENCE).ignoreExceptions().until(() -> ticks(job).getInt("gaps.paused") >= 2);
        int before = ticks(job).getInt("ran");
        int gap = ticks(job).getInt("gaps.paused");
        await().atMost(PATIENCE).until(() -> ticks(job).getInt("gaps.paused") > gap);
        assertThat(ticks(job).getInt("ran")).isEqualTo(before);

        api().post("/jobs/{job}/resume", job)
                .then()
                .statusCode(200)
                .body("paused", equalTo(false))
                .body("pause", nullValue());
        await().atMost(PATIENCE).until(() -> ticks(job).getInt("ran") > before);
        archive(job);
        JsonPath ledger = ticks(job);
        assertThat(ledger.getInt("expected"))
                .isEqualTo(ledger.getInt("ran")
                        + ledger.<String, Integer>getMap("gaps").values().stream()
                                .mapToInt(Integer::intValue)
                                .sum());
    }

    @Test
    void pause_with_an_end_ends_by_itself() {
        String job = createJob(1, "return 1").getString("id");
        Instant until = Instant.now().plusSeconds(3);

        api().body(Map.of("until", until.toString()))
                .post("/jobs/{job}/pause", job)
                .then()
                .statusCode(200)
                .body("paused", equalTo(true));
        // What was claimed before the pause may still run, and is no tick after it
        Instant paused = Instant.now().plusMillis(500);

        await().atMost(PATIENCE)
                .until(() -> !api().get("/jobs/{job}", job).jsonPath().getBoolean("paused"));
        assertThat(Instant.now()).isAfterOrEqualTo(until.minusMillis(500));
        await().atMost(PATIENCE).until(() -> ranAt(job).anyMatch(tick -> tick.isAfter(until.minusMillis(500))));
        archive(job);
        assertThat(ranAt(job)).noneMatch(tick -> tick.isAfter(paused) && tick.isBefore(until.minusMillis(500)));
    }

    private static Stream<Instant> ranAt(String job) {
        return api().get("/jobs/{job}/runs", job).jsonPath().<String>getList("items.scheduledFor").stream()
                .map(Instant::parse);
    }

    @Test
    void pause_needs_no_tag_and_changes_it_while_a_run_does_not() {
        String job = createJob(RARELY, "return 1").getString("id");
        String tag = api().get("/jobs/{job}", job).header("ETag");
        runNow(job);
        assertThat(api().get("/jobs/{job}", job).header("ETag")).isEqualTo(tag);

        String paused = api().post("/jobs/{job}/pause", job).header("ETag");
        assertThat(paused).isNotEqualTo(tag);
        assertThat(api().post("/jobs/{job}/pause", job).header("ETag")).isEqualTo(paused);
        api().body(Map.of("reason", "why"))
                .post("/jobs/{job}/pause", job)
                .then()
                .body("pause.reason", equalTo("why"));
        String resumed = api().post("/jobs/{job}/resume", job).header("ETag");
        assertThat(resumed).isNotEqualTo(paused);
        assertThat(api().post("/jobs/{job}/resume", job).header("ETag")).isEqualTo(resumed);
    }

    @Test
    void configuration_read_before_a_pause_may_still_be_changed() {
        String job = createJob(RARELY, "return 1").getString("id");
        String tag = api().get("/jobs/{job}", job).header("ETag");
        api().post("/jobs/{job}/pause", job).then().statusCode(200);

        api().header("If-None-Match", tag)
                .get("/jobs/{job}", job)
                .then()
                .statusCode(200)
                .body("paused", equalTo(true));
        api().header("If-Match", tag)
                .body(Map.of("description", "while it is paused"))
                .patch("/jobs/{job}", job)
                .then()
                .statusCode(200)
                .body("paused", equalTo(true))
                .body("revision", equalTo(2));
        api().header("If-Match", tag)
                .body(Map.of("description", "by somebody who saw neither"))
                .patch("/jobs/{job}", job)
                .then()
                .statusCode(412);
        String paused = api().get("/jobs/{job}", job).header("ETag");
        api().post("/jobs/{job}/resume", job).then().statusCode(200);
        api().header("If-Match", paused).post("/jobs/{job}/archive", job).then().statusCode(200);
        api().header("If-Match", paused).delete("/jobs/{job}", job).then().statusCode(412);
    }

    @Test
    void pause_that_cannot_be_is_refused() {
        String job = createJob(RARELY, "return 1").getString("id");

        api().body(Map.of("until", "2020-01-01T00:00:00Z"))
                .post("/jobs/{job}/pause", job)
                .then()
                .statusCode(422)
                .body("violations.field", contains("until"));
        api().body(Map.of("until", "tomorrow"))
                .post("/jobs/{job}/pause", job)
                .then()
                .statusCode(422)
                .body("violations.field", contains("until"));
        api().post("/jobs/{job}/pause", unique("nobody")).then().statusCode(404);
        archive(job);
        api().post("/jobs/{job}/pause", job).then().statusCode(409).body("type", endsWith("#job-archived"));
        api().get("/jobs/{job}", job).then().body("paused", equalTo(false));
    }

    @Test
    void paused_job_can_be_run_by_hand() {
        String job = idleJob("return 'by hand'").getString("id");
        api().get("/jobs/{job}", job).then().body("paused", equalTo(true));

        assertThat(runNow(job)).containsEntry("result", "by hand").containsEntry("trigger", "manual");
    }

    @Test
    void only_an_archived_job_at_rest_is_deleted_and_its_runs_stay() {
        String name = unique("short-lived");
        String job = createJob(RARELY, "await state.set('a', 1); await sleep(1500)", Map.of("name", name))
                .getString("id");
        String run = startRun(job);

        api().delete("/jobs/{job}", job).then().statusCode(428);
        api().header("If-Match", "*")
                .delete("/jobs/{job}", job)
                .then()
                .statusCode(409)
                .body("type", endsWith("#job-not-archived"));
        archive(job);
        api().header("If-Match", "*")
                .delete("/jobs/{job}", job)
                .then()
                .statusCode(409)
                .body("type", endsWith("#job-running"));
        assertThat(ended(run)).containsEntry("outcome", "succeeded");
        api().header("If-Match", "\"stale\"").delete("/jobs/{job}", job).then().statusCode(412);
        api().header("If-Match", "*").delete("/jobs/{job}", job).then().statusCode(204);

        api().get("/jobs/{job}", job).then().statusCode(404);
        api().get("/jobs/{job}/revisions", job).then().statusCode(404);
        api().header("If-Match", "*").delete("/jobs/{job}", job).then().statusCode(404);
        api().get("/runs/{run}", run)
                .then()
                .statusCode(200)
                .body("jobId", equalTo(job))
                .body("jobName", nullValue());
        assertThat(createJob(RARELY, "return 1", Map.of("name", name)).getString("id"))
                .isNotEqualTo(job);
    }
}

package io.asyncjobs.audit;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.createJob;
import static io.asyncjobs.testsupport.Api.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.asyncjobs.testsupport.DatabaseResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What people do to jobs, as the trail tells it. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class JobAuditTest {

    private static final int RARELY = 300;

    @Test
    void export_has_a_line_for_each_event_that_the_filters_take() {
        String job = createJob(RARELY, "return 1").getString("id");
        change(job, Map.of("pollIntervalSeconds", 200));

        String export = api().queryParam("entity", job)
                .get("/audit/export")
                .then()
                .statusCode(200)
                .contentType("application/x-ndjson")
                .extract()
                .asString();

        assertThat(export.lines()).hasSize(2);
        assertThat(export.lines().map(line -> JsonPath.from(line).getString("action")))
                .containsExactly("create", "update");
    }

    @Test
    void events_are_read_page_by_page_while_others_arrive() {
        String job = createJob(RARELY, "return 1").getString("id");
        for (int i = 0; i < 4; i++) {
            change(job, Map.of("pollIntervalSeconds", 200 + i));
        }
        for (String path : List.of("/audit?entity=" + job, "/jobs/" + job + "/audit?sort=-seq")) {
            List<Integer> all = api().get(path).jsonPath().getList("items.seq");
            List<Integer> read = new ArrayList<>();
            String next = "";
            do {
                JsonPath page = api().get(path + "&size=2" + (next.isEmpty() ? "" : "&after=" + next))
                        .then()
                        .statusCode(200)
                        .extract()
                        .jsonPath();
                read.addAll(page.getList("items.seq"));
                next = page.get("next") == null ? "" : page.getString("next");
                change(job, Map.of("pollIntervalSeconds", 100 + read.size()));
            } while (!next.isEmpty());

            assertThat(read).isEqualTo(all);
        }
        List<Integer> oldest =
                api().get("/audit?sort=seq&entity=" + job).jsonPath().getList("items.seq");
        JsonPath first = api().get("/audit?sort=seq&size=1&entity=" + job).jsonPath();
        assertThat(api().get("/audit?sort=seq&size=1&entity=" + job + "&after=" + first.getString("next"))
                        .jsonPath()
                        .<Integer>getList("items.seq"))
                .isEqualTo(oldest.subList(1, 2));
        String user = unique("user");
        api().body(Map.of("username", user)).post("/accounts").then().statusCode(201);
        assertThat(api().get("/accounts/" + user + "/audit?after=1").statusCode())
                .isEqualTo(200);
    }

    @Test
    void each_step_of_a_jobs_life_says_who_what_when_why_old_and_new() {
        String name = unique("life");
        String job = createJob(RARELY, "return 1", Map.of("name", name, "reason", "wanted"))
                .getString("id");
        change(job, Map.of("pollIntervalSeconds", 200, "reason", "less often"));
        api().header("If-Match", "*")
                .contentType("text/javascript")
                .queryParam("reason", "a better script")
                .body("return 2")
                .put("/jobs/{job}/script", job)
                .then()
                .statusCode(200);
        api().body(Map.of("reason", "the lab is offline")).post("/jobs/{job}/pause", job);
        api().body(Map.of("reason", "the lab is back")).post("/jobs/{job}/resume", job);
        api().header("If-Match", "*")
                .body(Map.of("revision", 1, "reason", "worse after all"))
                .post("/jobs/{job}/revert", job);
        act(job, "archive", "done");
        act(job, "unarchive", "not done");
        act(job, "archive", "done now");
        api().header("If-Match", "*")
                .queryParam("reason", "cleaning up")
                .delete("/jobs/{job}", job)
                .then()
                .statusCode(204);

        JsonPath trail = api().queryParam("entityType", "job")
                .queryParam("entity", job)
                .queryParam("sort", "seq")
                .get("/audit")
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();
        assertThat(trail.getList("items.action"))
                .containsExactly(
                        "create",
                        "update",
                        "update",
                        "pause",
                        "resume",
                        "revert",
                        "archive",
                        "unarchive",
                        "archive",
                        "delete");
        assertThat(trail.getList("items.reason"))
                .containsExactly(
                        "wanted",
                        "less often",
                        "a better script",
                        "the lab is offline",
                        "the lab is back",
                        "worse after all",
                        "done",
                        "not done",
                        "done now",
                        "cleaning up");
        assertThat(trail.getList("items.actor")).containsOnly("alice");
        assertThat(trail.getList("items.via")).containsOnly("api");
        assertThat(trail.getList("items.entityName")).containsOnly(name);
        assertThat(trail.getList("items.jobId")).containsOnly(job);
        assertThat(trail.<String, Object>getMap("items[1].before"))
                .isEqualTo(Map.of("pollIntervalSeconds", 300, "revision", 1));
        assertThat(trail.<String, Object>getMap("items[1].after"))
                .isEqualTo(Map.of("pollIntervalSeconds", 200, "revision", 2));
        assertThat(trail.getMap("items[2].before")).containsOnlyKeys("script", "revision");
        assertThat(trail.getString("items[2].before.script.md5")).isEqualTo(md5("return 1"));
        assertThat(trail.getString("items[2].after.script.md5")).isEqualTo(md5("return 2"));
        assertThat(trail.getString("items[3].after.pause.reason")).isEqualTo("the lab is offline");
        assertThat(trail.getMap("items[9].before"))
                .containsEntry("archived", true)
                .containsEntry("pollIntervalSeconds", 300);
        assertThat(trail.<Object>get("items[9].after")).isNull();
        assertThat(trail.<Object>get("items[0].before")).isNull();
        assertThat(Objects.requireNonNull(trail.<Map<String, Object>>get("items[0]")))
                .containsOnlyKeys(
                        "seq",
                        "at",
                        "actor",
                        "onBehalfOf",
                        "via",
                        "entityType",
                        "entityId",
                        "entityName",
                        "action",
                        "before",
                        "after",
                        "reason",
                        "jobId",
                        "runId",
                        "hash");
    }

    @Test
    void change_without_effect_or_that_fails_writes_nothing() {
        String job = createJob(RARELY, "return 1").getString("id");
        change(job, Map.of("pollIntervalSeconds", RARELY));
        api().post("/jobs/{job}/resume", job).then().statusCode(200);
        api().header("If-Match", "*")
                .contentType("application/merge-patch+json")
                .body(Map.of("pollIntervalSeconds", 0))
                .patch("/jobs/{job}", job)
                .then()
                .statusCode(422);
        api().header("If-Match", "*").delete("/jobs/{job}", job).then().statusCode(409);

        api().get("/jobs/{job}/audit", job).then().statusCode(200).body("total", equalTo(1));
    }

    @Test
    void events_are_paged_by_their_place_latest_first() {
        String job = createJob(RARELY, "return 1").getString("id");
        for (int interval = 1; interval <= 4; interval++) {
            change(job, Map.of("pollIntervalSeconds", interval));
        }
        List<Integer> latestFirst =
                api().get("/jobs/{job}/audit", job).jsonPath().getList("items.seq");
        List<Integer> secondPage = api().queryParam("sort", "seq")
                .queryParam("size", 2)
                .queryParam("page", 1)
                .get("/jobs/{job}/audit", job)
                .jsonPath()
                .getList("items.seq");
        assertThat(latestFirst).hasSize(5).isSortedAccordingTo((a, b) -> b - a);
        assertThat(secondPage).containsExactly(latestFirst.get(2), latestFirst.get(1));
        api().queryParam("sort", "at").get("/audit").then().statusCode(400);
        api().queryParam("from", "2999-01-01T00:00:00Z").get("/audit").then().body("total", equalTo(0));
        api().queryParam("actor", "nobody")
                .queryParam("entity", job)
                .get("/audit")
                .then()
                .body("total", equalTo(0));
    }

    @Test
    void trail_verifies_and_says_how_long_it_is() {
        createJob(RARELY, "return 1");
        JsonPath check =
                api().get("/audit/verify").then().statusCode(200).extract().jsonPath();
        assertThat(check.<Object>get("firstFault")).isNull();
        assertThat(check.getBoolean("intact")).isTrue();
        assertThat(check.getLong("events")).isPositive();
    }

    private static void change(String job, Map<String, Object> fields) {
        api().header("If-Match", "*")
                .contentType("application/merge-patch+json")
                .body(fields)
                .patch("/jobs/{job}", job)
                .then()
                .statusCode(200)
                .body("pause", nullValue());
    }

    private static void act(String job, String action, String reason) {
        api().header("If-Match", "*")
                .body(Map.of("reason", reason))
                .post("/jobs/{job}/{action}", job, action)
                .then()
                .statusCode(200);
    }

    private static String md5(String source) {
        return io.asyncjobs.script.ScriptSource.of(source).md5();
    }
}

package io.asyncjobs.job;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.createJob;
import static io.asyncjobs.testsupport.Api.idleJob;
import static io.asyncjobs.testsupport.Api.runNow;
import static io.asyncjobs.testsupport.Api.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.Pages;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

/** What is stored of a job is damaged: it can be read as far as that goes, repaired, archived and deleted. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class DamagedJobsTest {

    private static final String MERGE_PATCH = "application/merge-patch+json";

    @Inject
    Jdbi jdbi;

    @Test
    void script_that_cannot_be_decrypted_is_told_and_stored_anew() {
        String script = "return '" + UUID.randomUUID() + "'";
        String job = idleJob(script).getString("id");
        damageScript(job);

        api().get("/jobs/{job}", job)
                .then()
                .statusCode(200)
                .body("script", nullValue())
                .body("damage.field", equalTo(List.of("script")))
                .body("damage[0].message", startsWith("is stored damaged"));
        api().get("/jobs/{job}/script", job)
                .then()
                .statusCode(409)
                .body("type", containsString("#job-unreadable"))
                .body("detail", containsString("Save the job again"));
        api().get("/jobs/{job}/revisions/1", job).then().statusCode(200).body("damage.field", hasItem("script"));
        api().get("/jobs/{job}/diff?from=1&to=1", job).then().statusCode(200);
        pagesAnswer(job);

        patch(job, Map.of("description", "no script"))
                .then()
                .statusCode(422)
                .body("violations[0].field", equalTo("script"));
        api().get("/jobs/{job}", job).then().body("revision", equalTo(1)).body("description", nullValue());

        // The very source that was there
        api().contentType("text/javascript")
                .header("If-Match", "*")
                .body(script)
                .put("/jobs/{job}/script", job)
                .then()
                .statusCode(200)
                .body("revision", equalTo(2))
                .body("script", equalTo(script))
                .body("damage", empty());
        assertThat(runNow(job)).containsEntry("outcome", "succeeded");
    }

    @Test
    void parameters_that_are_no_json_are_told_and_replaced() {
        String name = unique("damaged");
        String job = idleJob("return params.a", Map.of("name", name, "parameters", Map.of("a", 1)))
                .getString("id");
        damage(job, "parameters", "{");

        api().get("/jobs/{job}", job)
                .then()
                .statusCode(200)
                .body("parameters", nullValue())
                .body("script", equalTo("return params.a"))
                .body("damage.field", equalTo(List.of("parameters")));
        api().queryParam("name", name).get("/jobs").then().statusCode(200).body("items.id", equalTo(List.of(job)));
        pagesAnswer(job);

        patch(job, Map.of("parameters", Map.of("a", 2)))
                .then()
                .statusCode(200)
                .body("damage", empty())
                .body("parameters.a", equalTo(2));
        api().queryParam("entityType", "job")
                .queryParam("entity", job)
                .get("/audit")
                .then()
                .statusCode(200)
                .body("items[0].before.parameters", equalTo("{"))
                .body("items[0].after.parameters.a", equalTo(2));
        assertThat(runNow(job)).containsEntry("result", 2);
    }

    @Test
    void broken_schema_is_told_and_replaced_by_a_whole_put() {
        String job = idleJob("return 1", Map.of("parametersSchema", Map.of("type", "object")))
                .getString("id");
        damage(job, "parameters_schema", "[");

        api().get("/jobs/{job}", job).then().statusCode(200).body("damage.field", equalTo(List.of("parametersSchema")));
        pagesAnswer(job);
        api().header("If-Match", "*")
                .body(Map.of("name", unique("repaired"), "script", "return 2"))
                .put("/jobs/{job}", job)
                .then()
                .statusCode(200)
                .body("damage", empty())
                .body("parametersSchema", nullValue());
    }

    @Test
    void revision_that_is_damaged_is_read_and_not_gone_back_to() {
        String job = idleJob("return 1").getString("id");
        patch(job, Map.of("script", "return 2")).then().statusCode(200);
        jdbi.useHandle(handle -> handle.createUpdate(
                        "update job_revision set parameters = '[' where job_id = :job and revision = 1")
                .bind("job", UUID.fromString(job))
                .execute());

        api().get("/jobs/{job}/revisions/1", job)
                .then()
                .statusCode(200)
                .body("damage.field", equalTo(List.of("parameters")));
        api().get("/jobs/{job}/diff?from=1&to=2", job).then().statusCode(200);
        api().get("/jobs/{job}/revisions", job).then().statusCode(200);
        api().header("If-Match", "*")
                .body(Map.of("revision", 1))
                .post("/jobs/{job}/revert", job)
                .then()
                .statusCode(409)
                .body("type", containsString("#job-unreadable"));
        Pages.page()
                .get("/admin/support/async-jobs/{job}/revisions/diff?from=1&to=2", job)
                .then()
                .statusCode(200);
    }

    @Test
    void damaged_job_is_archived_and_deleted() {
        String job = idleJob("return '" + UUID.randomUUID() + "'").getString("id");
        damageScript(job);
        damage(job, "parameters", "{");

        api().header("If-Match", "*")
                .post("/jobs/{job}/archive", job)
                .then()
                .statusCode(200)
                .body("archived", equalTo(true));
        api().header("If-Match", "*").delete("/jobs/{job}", job).then().statusCode(204);
        api().get("/jobs/{job}", job).then().statusCode(404);
    }

    @Test
    void runs_fail_aloud_although_the_job_ran_before() {
        String script = "return '" + UUID.randomUUID() + "'";
        String neighbour = createJob(1, "return 'fine'").getString("id");
        String job = createJob(1, script).getString("id");
        await().atMost(Duration.ofSeconds(30))
                .until(() -> "succeeded".equals(lastOutcome(job)) && "succeeded".equals(lastOutcome(neighbour)));

        damageScript(job);

        await().atMost(Duration.ofSeconds(30)).until(() -> "failed".equals(lastOutcome(job)));
        api().queryParam("outcome", "failed")
                .get("/jobs/{job}/runs", job)
                .then()
                .body("items[0].error.message", containsString("script is stored damaged"));
        api().queryParam("outcome", "failed")
                .get("/jobs/{job}/runs", neighbour)
                .then()
                .body("items", hasSize(0));

        patch(job, Map.of("script", script)).then().statusCode(200);
        await().atMost(Duration.ofSeconds(30)).until(() -> "succeeded".equals(lastOutcome(job)));
        io.asyncjobs.testsupport.Api.archive(job);
        io.asyncjobs.testsupport.Api.archive(neighbour);
    }

    @Test
    void connection_whose_settings_are_damaged_is_listed_and_saved_again() {
        String name = unique("damaged");
        Map<String, Object> draft = Map.of("http", Map.of("baseUrl", "https://clinical.example.com"));
        api().body(draft).put("/connections/{name}", name).then().statusCode(201);
        jdbi.useHandle(handle -> handle.createUpdate("update connection set settings = '{' where name = :name")
                .bind("name", name)
                .execute());

        api().queryParam("size", 500).get("/connections").then().statusCode(200);
        api().get("/connections/{name}", name)
                .then()
                .statusCode(200)
                .body("damaged", equalTo(true))
                .body("http", nullValue());
        Pages.page().get("/admin/support/connections").then().statusCode(200);
        Pages.page().get("/admin/support/connections/{name}", name).then().statusCode(200);
        api().header("If-Match", "*")
                .body(draft)
                .put("/connections/{name}", name)
                .then()
                .statusCode(200)
                .body("damaged", equalTo(false))
                .body("http.baseUrl", equalTo("https://clinical.example.com"));
    }

    private void pagesAnswer(String job) {
        for (String page : List.of("", "/edit", "/revisions", "/revisions/1", "/runs")) {
            Pages.page()
                    .get("/admin/support/async-jobs/" + job + page)
                    .then()
                    .statusCode(200)
                    .body(
                            page.equals("/edit") || page.isEmpty()
                                    ? containsString("is stored damaged")
                                    : containsString("<main"));
        }
        Pages.page().get("/admin/support/async-jobs?size=500").then().statusCode(200);
    }

    private static String lastOutcome(String job) {
        return api().get("/jobs/{job}", job).jsonPath().getString("lastRun.outcome");
    }

    private static io.restassured.response.Response patch(String job, Map<String, ?> changes) {
        return api().contentType(MERGE_PATCH)
                .header("If-Match", "*")
                .body(changes)
                .patch("/jobs/{job}", job);
    }

    private void damageScript(String job) {
        int changed = jdbi.withHandle(handle ->
                handle.createUpdate("""
                        update script set content = set_byte(content, length(content) - 1, 255 - get_byte(content, length(content) - 1))
                        where sha256 = (select script_sha256 from job where id = :job)
                        """).bind("job", UUID.fromString(job)).execute());
        assertThat(changed).isOne();
    }

    private void damage(String job, String column, String value) {
        jdbi.useHandle(handle -> {
            for (String table : List.of("job where id", "job_revision where job_id")) {
                String[] named = table.split(" where ", 2);
                handle.createUpdate("update " + named[0] + " set " + column + " = :value where " + named[1] + " = :job")
                        .bind("value", value)
                        .bind("job", UUID.fromString(job))
                        .execute();
            }
        });
    }
}

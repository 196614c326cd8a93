package io.asyncjobs.job;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.archive;
import static io.asyncjobs.testsupport.Api.createJob;
import static io.asyncjobs.testsupport.Api.patch;
import static io.asyncjobs.testsupport.Api.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;

import io.asyncjobs.testsupport.DatabaseResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(DatabaseResource.class)
class RevisionsTest {

    private static final int RARELY = 300;

    @Test
    void each_save_is_a_revision_with_who_what_when_and_why() {
        String job = createJob(RARELY, "return 1", Map.of("reason", "asked for by the lab"))
                .getString("id");
        patch(job, Map.of("script", "return 2", "reason", "off by one"));
        archive(job);

        api().get("/jobs/{job}/revisions", job)
                .then()
                .statusCode(200)
                .body("total", equalTo(3))
                .body("items.revision", contains(3, 2, 1))
                .body("items.change", contains("archived", "updated", "created"))
                .body("items.savedBy", contains("alice", "alice", "alice"))
                .body("items.reason", contains(null, "off by one", "asked for by the lab"))
                .body("items.archived", contains(true, false, false));
        api().get("/jobs/{job}/revisions/1", job)
                .then()
                .statusCode(200)
                .body("script", equalTo("return 1"))
                .body("parameters", equalTo(Map.of()));
        api().get("/jobs/{job}/revisions/4", job).then().statusCode(404);
        api().get("/jobs/{job}/revisions/x", job).then().statusCode(404);
        api().queryParam("sort", "revision")
                .queryParam("size", 1)
                .get("/jobs/{job}/revisions", job)
                .then()
                .body("items.revision", contains(1))
                .body("total", equalTo(3));
    }

    @Test
    void diff_shows_settings_and_script_line_by_line() {
        String job = createJob(RARELY, "const a = 1;\nreturn a;", Map.of("name", unique("diff")))
                .getString("id");
        patch(job, Map.of("script", "const a = 2;\nreturn a;\n", "pollIntervalSeconds", 299));

        String diff = api().get("/jobs/{job}/diff", job)
                .then()
                .statusCode(200)
                .contentType("text/x-diff")
                .extract()
                .asString();

        assertThat(diff)
                .contains("--- job.json\trevision 1\n+++ job.json\trevision 2\n")
                .contains("-  \"pollIntervalSeconds\" : 300,\n+  \"pollIntervalSeconds\" : 299,\n")
                .endsWith("""
                        --- script.js\trevision 1
                        +++ script.js\trevision 2
                        @@ -1,2 +1,2 @@
                        -const a = 1;
                        -return a;
                        \\ No newline at end of file
                        +const a = 2;
                        +return a;
                        """);
        assertThat(api().queryParam("from", 2)
                        .queryParam("to", 2)
                        .get("/jobs/{job}/diff", job)
                        .asString())
                .isEmpty();
        api().queryParam("from", 9).get("/jobs/{job}/diff", job).then().statusCode(404);
        api().queryParam("from", "x")
                .get("/jobs/{job}/diff", job)
                .then()
                .statusCode(400)
                .body("violations.field", equalTo(List.of("from")));
    }

    @Test
    void revert_makes_a_new_revision_of_the_old_configuration() {
        String oldName = unique("before");
        String job = createJob(RARELY, "return 1", Map.of("name", oldName, "parameters", Map.of("a", 1)))
                .getString("id");
        JsonPath changed = patch(
                        job, Map.of("name", unique("after"), "script", "return 2", "parameters", Map.of("a", 2)))
                .jsonPath();
        assertThat(changed.getInt("revision")).isEqualTo(2);

        api().body(Map.of("revision", 1)).post("/jobs/{job}/revert", job).then().statusCode(428);
        api().header("If-Match", "*")
                .body(Map.of("revision", 3))
                .post("/jobs/{job}/revert", job)
                .then()
                .statusCode(422)
                .body("violations.field", contains("revision"));
        api().header("If-Match", "*")
                .body(Map.of("revision", 1, "reason", "the new one closes too much"))
                .post("/jobs/{job}/revert", job)
                .then()
                .statusCode(200)
                .body("revision", equalTo(3))
                .body("name", equalTo(oldName))
                .body("script", equalTo("return 1"))
                .body("parameters", equalTo(Map.of("a", 1)));
        api().get("/jobs/{job}/revisions", job)
                .then()
                .body("items[0].change", equalTo("reverted"))
                .body("items[0].reason", equalTo("the new one closes too much"));
        api().header("If-Match", "*")
                .body(Map.of("revision", 1))
                .post("/jobs/{job}/revert", job)
                .then()
                .body("revision", equalTo(3));
    }

    @Test
    void revert_to_a_name_that_is_taken_or_an_account_that_is_not_active_is_refused() {
        String taken = unique("taken");
        String user = unique("leaver");
        api().body(Map.of("username", user)).post("/accounts").then().statusCode(201);
        String job = createJob(RARELY, "return 1", Map.of("name", taken)).getString("id");
        patch(job, Map.of("name", unique("freed"), "associatedUser", user));
        Map<String, Object> none = new HashMap<>();
        none.put("associatedUser", null);
        patch(job, none);
        createJob(RARELY, "return 1", Map.of("name", taken));
        api().body(Map.of("username", user, "active", false))
                .put("/accounts/{user}", user)
                .then()
                .statusCode(200);

        api().header("If-Match", "*")
                .body(Map.of("revision", 1))
                .post("/jobs/{job}/revert", job)
                .then()
                .statusCode(409)
                .body("type", endsWith("#name-taken"));
        api().header("If-Match", "*")
                .body(Map.of("revision", 2))
                .post("/jobs/{job}/revert", job)
                .then()
                .statusCode(409)
                .body("type", endsWith("#account-inactive"));
        api().get("/jobs/{job}", job).then().body("revision", equalTo(3));
    }

    @Test
    void jobs_of_an_account_are_those_that_act_as_it() {
        String user = unique("edc");
        api().body(Map.of("username", user)).post("/accounts").then().statusCode(201);
        String active =
                createJob(RARELY, "return 1", Map.of("associatedUser", user)).getString("id");
        String archived =
                createJob(RARELY, "return 1", Map.of("associatedUser", user)).getString("id");
        archive(archived);
        createJob(RARELY, "return 1");

        List<String> found = api().get("/accounts/{user}/jobs", user)
                .then()
                .statusCode(200)
                .extract()
                .jsonPath()
                .getList("items.id");

        assertThat(found).containsExactlyInAnyOrder(active, archived);
        api().get("/accounts/{user}/jobs", "nobody-" + user).then().statusCode(404);
    }
}

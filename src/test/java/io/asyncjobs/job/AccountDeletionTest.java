package io.asyncjobs.job;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.archive;
import static io.asyncjobs.testsupport.Api.createJob;
import static io.asyncjobs.testsupport.Api.patch;
import static io.asyncjobs.testsupport.Api.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;

import io.asyncjobs.testsupport.DatabaseResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(DatabaseResource.class)
class AccountDeletionTest {

    private static final int RARELY = 300;

    @Test
    void unused_account_is_deleted_and_the_trail_keeps_its_last_state() {
        String user = unique("short-lived");
        Response created =
                api().body(Map.of("username", user, "email", "a@example.com")).post("/accounts");
        String id = created.jsonPath().getString("id");

        api().delete("/accounts/{user}", user).then().statusCode(428);
        api().header("If-Match", "\"0\"")
                .delete("/accounts/{user}", user)
                .then()
                .statusCode(412);
        api().header("If-Match", created.header("ETag"))
                .queryParam("reason", "a typing error")
                .delete("/accounts/{user}", user)
                .then()
                .statusCode(204);

        api().get("/accounts/{user}", user).then().statusCode(404);
        api().header("If-Match", "*").delete("/accounts/{user}", user).then().statusCode(404);
        JsonPath trail = api().queryParam("entityType", "account")
                .queryParam("entity", id)
                .get("/audit")
                .jsonPath();
        assertThat(trail.getString("items[0].action")).isEqualTo("delete");
        assertThat(trail.getString("items[0].reason")).isEqualTo("a typing error");
        assertThat(trail.getString("items[0].entityName")).isEqualTo(user);
        assertThat(trail.getMap("items[0].before"))
                .containsEntry("username", user)
                .containsEntry("email", "a@example.com")
                .containsEntry("active", true);
        assertThat(trail.<Object>get("items[0].after")).isNull();
    }

    @Test
    void account_made_anew_has_other_tags() {
        String user = account();
        String tag = api().get("/accounts/{user}", user).header("ETag");
        delete(user).then().statusCode(204);
        api().body(Map.of("username", user)).post("/accounts").then().statusCode(201);

        api().header("If-Match", tag).delete("/accounts/{user}", user).then().statusCode(412);
    }

    @Test
    void account_that_jobs_or_revisions_refer_to_stays() {
        String user = account();
        String job =
                createJob(RARELY, "return 1", Map.of("associatedUser", user)).getString("id");
        patch(job, Map.of("description", "twice"));

        delete(user)
                .then()
                .statusCode(409)
                .body("type", endsWith("#account-in-use"))
                .body("detail", containsString("1 of the jobs"))
                .body("detail", containsString("2 of their revisions"));
        api().body(Map.of("to", account()))
                .post("/accounts/{user}/transfer", user)
                .then()
                .statusCode(200);
        delete(user).then().statusCode(409).body("detail", containsString("0 of the jobs"));
        archive(job);
        api().header("If-Match", "*").delete("/jobs/{job}", job).then().statusCode(204);
        delete(user).then().statusCode(204);
    }

    @Test
    void the_system_account_is_never_deleted() {
        delete("System").then().statusCode(409).body("type", endsWith("#account-protected"));
        api().get("/accounts/system").then().statusCode(200).body("active", equalTo(true));
    }

    @Test
    void job_created_while_its_account_is_deleted_wins_or_loses_whole() throws Exception {
        for (int round = 0; round < 10; round++) {
            String user = account();
            Callable<Response> creating = () -> api().body(Map.of(
                            "name",
                            unique("rush"),
                            "script",
                            "return 1",
                            "pollIntervalSeconds",
                            300,
                            "associatedUser",
                            user))
                    .post("/jobs");
            Response created;
            Response deleted;
            try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
                Future<Response> job = threads.submit(creating);
                Future<Response> account = threads.submit(() -> delete(user));
                created = job.get();
                deleted = account.get();
            }

            assertThat(List.of(created.statusCode(), deleted.statusCode())).isIn(List.of(201, 409), List.of(422, 204));
        }
    }

    private static Response delete(String user) {
        return api().header("If-Match", "*").delete("/accounts/{user}", user);
    }

    private static String account() {
        String user = unique("account");
        api().body(Map.of("username", user)).post("/accounts").then().statusCode(201);
        return user;
    }
}

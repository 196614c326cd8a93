package io.asyncjobs.run;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.archive;
import static io.asyncjobs.testsupport.Api.createJob;
import static io.asyncjobs.testsupport.Api.endedRuns;
import static io.asyncjobs.testsupport.Api.idleJob;
import static io.asyncjobs.testsupport.Api.patch;
import static io.asyncjobs.testsupport.Api.runNow;
import static io.asyncjobs.testsupport.Api.ticks;
import static io.asyncjobs.testsupport.Api.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.asyncjobs.testsupport.DatabaseResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Jobs whose account was made inactive: their runs are refused, aloud. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class InactiveAccountTest {

    private static final int RARELY = 300;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Test
    void runs_of_the_timer_fail_at_once_while_the_account_is_inactive_and_go_on_after() {
        String user = account("timer");
        String job = createJob(1, "await state.set('ran', run.id); return 1", Map.of("associatedUser", user))
                .getString("id");
        assertThat(endedRuns(job, 1)).last().satisfies(run -> assertThat(run).containsEntry("outcome", "succeeded"));

        setActive(user, false);
        List<Map<String, Object>> runs =
                await().atMost(PATIENCE).until(() -> endedRuns(job, 2), found -> failed(found) >= 2);

        assertThat(runs.getFirst())
                .containsEntry("outcome", "failed")
                .containsEntry("trigger", "timer")
                .containsEntry("user", user)
                .containsEntry("startedAt", null);
        assertThat(api().get("/runs/{run}", runs.getFirst().get("id"))
                        .jsonPath()
                        .getString("error.message"))
                .isEqualTo("The account '" + user
                        + "' that the job acts as is inactive; activate it or give the job another user.");
        setActive(user, true);
        await().atMost(PATIENCE)
                .until(() -> "succeeded".equals(endedRuns(job, 1).getFirst().get("outcome")));
        archive(job);
        JsonPath ledger = ticks(job);
        assertThat(ledger.getInt("expected"))
                .isEqualTo(ledger.getInt("ran")
                        + ledger.<String, Integer>getMap("gaps").values().stream()
                                .mapToInt(Integer::intValue)
                                .sum());
    }

    @Test
    void run_by_hand_fails_without_running_the_script() {
        String user = account("hand");
        String job = idleJob("await state.set('ran', true); return 1", Map.of("associatedUser", user))
                .getString("id");
        assertThat(runNow(job)).containsEntry("outcome", "succeeded");
        api().delete("/jobs/{job}/state/ran", job).then().statusCode(204);
        setActive(user, false);

        Map<String, Object> run = runNow(job);

        assertThat(run)
                .containsEntry("outcome", "failed")
                .containsEntry("trigger", "manual")
                .containsEntry("startedAt", null)
                .containsEntry("effects", null);
        assertThat(JsonPath.from(api().get("/runs/{run}", run.get("id")).asString())
                        .getString("error.message"))
                .contains("'" + user + "'", "activate it or give the job another user");
        api().get("/jobs/{job}/state", job).then().body("total", equalTo(0));
        patch(job, Map.of("associatedUser", account("successor")));
        assertThat(runNow(job)).containsEntry("outcome", "succeeded");
    }

    @Test
    void account_made_inactive_names_the_jobs_in_use_that_stand_still() {
        String user = account("named");
        String name = unique("affected");
        String used = createJob(RARELY, "return 1", Map.of("name", name, "associatedUser", user))
                .getString("id");
        String archived =
                createJob(RARELY, "return 1", Map.of("associatedUser", user)).getString("id");
        archive(archived);

        setActive(user, false)
                .then()
                .body("active", equalTo(false))
                .body("affectedJobs.total", equalTo(1))
                .body("affectedJobs.items.id", contains(used))
                .body("affectedJobs.items.name", contains(name));
        api().get("/accounts/{user}/jobs", user)
                .then()
                .body("items.id", containsInAnyOrder(used, archived))
                .body("items.find { it.id == '" + used + "' }.blocked", equalTo("account-inactive"))
                .body("items.find { it.id == '" + archived + "' }.blocked", nullValue());
        api().get("/jobs/{job}", used).then().body("blocked", equalTo("account-inactive"));
        setActive(user, true).then().body("active", equalTo(true)).body("affectedJobs", nullValue());
        api().get("/jobs/{job}", used).then().body("blocked", nullValue());
        api().get("/accounts/{user}/jobs", user).then().body("items.blocked", equalTo(Arrays.asList(null, null)));
    }

    @Test
    void inactive_account_without_jobs_affects_none() {
        setActive(account("idle"), false)
                .then()
                .body("affectedJobs.total", equalTo(0))
                .body("affectedJobs.items", equalTo(List.of()));
    }

    private static long failed(List<Map<String, Object>> runs) {
        return runs.stream().filter(run -> "failed".equals(run.get("outcome"))).count();
    }

    private static String account(String name) {
        String username = unique(name);
        api().body(Map.of("username", username)).post("/accounts").then().statusCode(201);
        return username;
    }

    private static Response setActive(String username, boolean active) {
        Response changed =
                api().body(Map.of("username", username, "active", active)).put("/accounts/{username}", username);
        changed.then().statusCode(200);
        return changed;
    }
}

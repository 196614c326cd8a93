package io.asyncjobs.job;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.archive;
import static io.asyncjobs.testsupport.Api.createJob;
import static io.asyncjobs.testsupport.Api.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import io.asyncjobs.testsupport.DatabaseResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** All jobs of one account given to another in one step. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class TransferTest {

    private static final int RARELY = 300;

    @Test
    void all_jobs_move_archived_ones_too_each_as_a_new_revision_on_the_trail() {
        String from = account("from");
        String to = account("to");
        String used = job(from);
        String archived = job(from);
        archive(archived);
        String other = job(account("other"));
        setInactive(from);
        String tag = api().get("/jobs/{job}", used).header("ETag");

        transfer(from, Map.of("to", to, "reason", "ben has left"))
                .then()
                .statusCode(200)
                .body("from", equalTo(from))
                .body("to", equalTo(to))
                .body("jobs.id", containsInAnyOrder(used, archived))
                .body("jobs.find { it.id == '" + used + "' }.revision", equalTo(2))
                .body("jobs.find { it.id == '" + archived + "' }.revision", equalTo(3))
                .body("jobs.find { it.id == '" + archived + "' }.archived", equalTo(true));

        api().get("/accounts/{user}/jobs", from).then().body("total", equalTo(0));
        api().get("/accounts/{user}/jobs", to).then().body("total", equalTo(2));
        api().get("/jobs/{job}", other).then().body("revision", equalTo(1));
        Response moved = api().get("/jobs/{job}", used);
        moved.then()
                .body("associatedUser", equalTo(to))
                .body("revision", equalTo(2))
                .body("updatedBy", equalTo("alice"));
        assertThat(moved.header("ETag")).isNotEqualTo(tag);
        api().get("/jobs/{job}/revisions/2", used)
                .then()
                .body("change", equalTo("updated"))
                .body("reason", equalTo("ben has left"))
                .body("associatedUser", equalTo(to));
        api().get("/jobs/{job}/revisions/1", used).then().body("associatedUser", equalTo(from));
        JsonPath event = api().get("/jobs/{job}/audit", archived).jsonPath();
        assertThat(event.getString("items[0].action")).isEqualTo("update");
        assertThat(event.getString("items[0].reason")).isEqualTo("ben has left");
        assertThat(event.<String, Object>getMap("items[0].before"))
                .isEqualTo(Map.of("associatedUser", from, "revision", 2));
        assertThat(event.<String, Object>getMap("items[0].after"))
                .isEqualTo(Map.of("associatedUser", to, "revision", 3));
    }

    @Test
    void account_without_jobs_has_nothing_to_transfer() {
        transfer(account("idle"), Map.of("to", account("to")))
                .then()
                .statusCode(200)
                .body("jobs", hasSize(0));
    }

    @Test
    void transfer_that_cannot_be_is_refused_and_moves_nothing() {
        String from = account("from");
        String job = job(from);
        String inactive = account("inactive");
        setInactive(inactive);

        refused(from, Map.of("to", from.toUpperCase(java.util.Locale.ROOT)), "to");
        refused(from, Map.of("to", inactive), "to");
        refused(from, Map.of("to", unique("nobody")), "to");
        refused(from, Map.of("to", ""), "to");
        refused(from, Map.of(), "to");
        refused(from, Map.of("to", account("to"), "force", true), "force");
        transfer(unique("nobody"), Map.of("to", from)).then().statusCode(404);

        api().get("/jobs/{job}", job)
                .then()
                .body("associatedUser", equalTo(from))
                .body("revision", equalTo(1));
    }

    @Test
    void of_transfers_at_once_each_job_is_moved_by_one() throws Exception {
        String from = account("from");
        List<String> targets = List.of(account("a"), account("b"), account("c"));
        List<String> jobs = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            jobs.add(job(from));
        }

        List<Callable<Response>> calls = new ArrayList<>();
        targets.forEach(to -> calls.add(() -> transfer(from, Map.of("to", to))));
        List<Response> answers = atOnce(calls);

        answers.forEach(answer -> answer.then().statusCode(200));
        assertThat(answers.stream().flatMap(answer -> answer.jsonPath().<String>getList("jobs.id").stream()))
                .containsExactlyInAnyOrderElementsOf(jobs);
        for (String job : jobs) {
            api().get("/jobs/{job}", job).then().body("revision", equalTo(2));
        }
    }

    @Test
    void edits_and_transfers_at_once_lose_nothing() throws Exception {
        String from = account("from");
        String to = account("to");
        List<String> jobs = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            jobs.add(job(from));
        }

        List<Callable<Response>> calls = new ArrayList<>();
        for (String job : jobs) {
            calls.add(() -> api().header("If-Match", "*")
                    .contentType("application/merge-patch+json")
                    .body(Map.of("description", "edited meanwhile"))
                    .patch("/jobs/{job}", job));
        }
        calls.add(4, () -> transfer(from, Map.of("to", to)));
        List<Response> answers = atOnce(calls);

        answers.forEach(answer -> answer.then().statusCode(200));
        for (String job : jobs) {
            api().get("/jobs/{job}", job)
                    .then()
                    .body("description", equalTo("edited meanwhile"))
                    .body("associatedUser", equalTo(to))
                    .body("revision", equalTo(3));
            api().get("/jobs/{job}/audit", job).then().body("items.action", contains("update", "update", "create"));
        }
    }

    private static List<Response> atOnce(List<Callable<Response>> calls) throws Exception {
        List<Response> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(calls.size())) {
            for (Future<Response> answer : threads.invokeAll(calls)) {
                answers.add(answer.get());
            }
        }
        return answers;
    }

    private static void refused(String from, Map<String, Object> body, String field) {
        transfer(from, body).then().statusCode(422).body("violations.field", contains(field));
    }

    private static Response transfer(String from, Map<String, Object> body) {
        return api().body(body).post("/accounts/{username}/transfer", from);
    }

    private static String job(String user) {
        return createJob(RARELY, "return 1", Map.of("associatedUser", user)).getString("id");
    }

    private static String account(String name) {
        String username = unique(name);
        api().body(Map.of("username", username)).post("/accounts").then().statusCode(201);
        return username;
    }

    private static void setInactive(String username) {
        api().body(Map.of("username", username, "active", false))
                .put("/accounts/{username}", username)
                .then()
                .statusCode(200);
    }
}

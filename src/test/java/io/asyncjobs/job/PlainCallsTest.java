package io.asyncjobs.job;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.createJob;
import static io.asyncjobs.testsupport.Api.ended;
import static io.asyncjobs.testsupport.Api.exactApi;
import static io.asyncjobs.testsupport.Api.idleJob;
import static io.asyncjobs.testsupport.Api.unique;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.Tokens;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Calls that pipelines and Terraform providers send: create unless there, send back what was read, send again. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class PlainCallsTest {

    private static final int RARELY = 300;
    private static final String KEY = "Idempotency-Key";
    private static final String REPLAYED = "Idempotency-Replayed";

    @Test
    void put_with_if_none_match_creates_a_job_once() {
        String name = unique("Prüfen/täglich");
        Map<String, Object> draft = Map.of("name", name, "script", "return 1", "pollIntervalSeconds", RARELY);

        Response created = api().header("If-None-Match", "*").body(draft).put("/jobs/{job}", name);

        String id = created.jsonPath().getString("id");
        created.then()
                .statusCode(201)
                .header("Location", endsWith("/api/v1/jobs/" + id))
                .body("name", equalTo(name))
                .body("revision", equalTo(1));
        api().header("If-None-Match", "*")
                .body(draft)
                .put("/jobs/{job}", name)
                .then()
                .statusCode(412)
                .body("detail", containsString(name));
        api().get("/jobs/{job}", id).then().body("revision", equalTo(1)).header("ETag", created.header("ETag"));
    }

    @Test
    void put_that_creates_says_what_does_not_fit_and_creates_nothing() {
        String name = unique("put");
        Map<String, Object> draft = Map.of("name", unique("another"), "script", "return 1");

        exactApi()
                .header("If-None-Match", "*")
                .body(draft)
                .put("/jobs/{job}", name)
                .then()
                .statusCode(422)
                .body("violations.field", equalTo(List.of("name")));
        exactApi()
                .header("If-None-Match", "\"one\"")
                .body(draft)
                .put("/jobs/{job}", name)
                .then()
                .statusCode(400)
                .body("detail", containsString("If-None-Match"));
        exactApi()
                .header("If-None-Match", "*")
                .header("If-Match", "*")
                .body(draft)
                .put("/jobs/{job}", name)
                .then()
                .statusCode(400);
        exactApi()
                .header("If-None-Match", "*")
                .body(Map.of("name", name, "script", "return 1", "archived", true))
                .put("/jobs/{job}", name)
                .then()
                .statusCode(422)
                .body("violations.field", equalTo(List.of("archived")));
        api().get("/jobs/{job}", name).then().statusCode(404);
    }

    @Test
    void job_that_was_read_is_put_back_without_a_revision_whatever_the_order_of_its_fields() {
        String user = unique("leaver");
        api().body(Map.of("username", user)).post("/accounts").then().statusCode(201);
        String id = createJob(
                        RARELY,
                        "return 1",
                        Map.of("associatedUser", user, "parameters", Map.of("a", 1), "limits", Map.of("hostCalls", 7)))
                .getString("id");
        api().body(Map.of("active", false)).put("/accounts/{user}", user).then().statusCode(200);
        Response read = exactApi().get("/jobs/{job}", id);
        Map<String, Object> sorted = new TreeMap<>(read.jsonPath().<String, Object>getMap("$"));
        Map<String, Object> empty = new HashMap<>(sorted);
        empty.put("description", "");
        Map<String, Object> silent = new HashMap<>(sorted);
        silent.keySet().removeAll(Set.of("description", "parametersSchema", "reason"));

        for (Object body : List.of(read.asString(), sorted, empty, silent)) {
            exactApi()
                    .header("If-Match", read.header("ETag"))
                    .body(body)
                    .put("/jobs/{job}", id)
                    .then()
                    .statusCode(200)
                    .header("ETag", read.header("ETag"))
                    .body("description", nullValue())
                    .body("revision", equalTo(1));
        }
    }

    @Test
    void put_does_not_archive_and_says_what_does() {
        String id = createJob(RARELY, "return 1").getString("id");
        Map<String, Object> body =
                new LinkedHashMap<>(api().get("/jobs/{job}", id).jsonPath().<String, Object>getMap("$"));
        body.put("archived", true);
        body.put("paused", true);

        exactApi()
                .header("If-Match", "*")
                .body(body)
                .put("/jobs/{job}", id)
                .then()
                .statusCode(422)
                .body("violations.field", equalTo(List.of("archived", "paused")))
                .body("violations[0].message", containsString("call of its own"));
    }

    @Test
    void account_is_put_without_its_name_and_put_back_as_it_was_read() {
        String user = unique("ada");
        api().body(Map.of("username", user, "displayName", "Ada"))
                .post("/accounts")
                .then()
                .statusCode(201);

        Response changed = api().body(Map.of("displayName", "Ada L")).put("/accounts/{user}", user);
        Response same = exactApi()
                .body(exactApi().get("/accounts/{user}", user).asString())
                .put("/accounts/{user}", user);

        changed.then().statusCode(200).body("username", equalTo(user)).body("displayName", equalTo("Ada L"));
        same.then().statusCode(200).header("ETag", changed.header("ETag"));
        api().body(Map.of("username", unique("eve")))
                .put("/accounts/{user}", user)
                .then()
                .statusCode(422);
    }

    @Test
    void job_is_created_once_for_all_calls_with_one_key_also_at_once() throws Exception {
        String key = unique("key");
        Map<String, Object> draft = Map.of("name", unique("once"), "script", "return 1", "pollIntervalSeconds", RARELY);
        Callable<Response> call = () -> api().header(KEY, key).body(draft).post("/jobs");
        Set<String> ids = new HashSet<>();
        List<String> replayed = new ArrayList<>();
        try (ExecutorService callers = Executors.newFixedThreadPool(4)) {
            for (Future<Response> answer : callers.invokeAll(List.of(call, call, call, call))) {
                answer.get().then().statusCode(201);
                ids.add(answer.get().jsonPath().getString("id"));
                if (answer.get().header(REPLAYED) != null) {
                    replayed.add(answer.get().header(REPLAYED));
                }
            }
        }

        assertThat(ids).hasSize(1);
        assertThat(replayed).containsExactly("true", "true", "true");
    }

    @Test
    void key_belongs_to_one_call_of_one_caller() {
        String key = unique("key");
        String name = unique("mine");
        api().header(KEY, key)
                .body(Map.of("name", name, "script", "return 1", "pollIntervalSeconds", RARELY))
                .post("/jobs")
                .then()
                .statusCode(201);

        api().header(KEY, key)
                .body(Map.of("name", name, "script", "return 2", "pollIntervalSeconds", RARELY))
                .post("/jobs")
                .then()
                .statusCode(422)
                .body("violations.field", equalTo(List.of(KEY)));
        given().auth()
                .oauth2(Tokens.superadmin("bob"))
                .contentType(ContentType.JSON)
                .basePath("/api/v1")
                .header(KEY, key)
                .body(Map.of("name", unique("his"), "script", "return 2", "pollIntervalSeconds", RARELY))
                .post("/jobs")
                .then()
                .statusCode(201)
                .header(REPLAYED, nullValue());
    }

    @Test
    void refused_call_is_not_remembered_and_a_result_that_is_gone_is_told() {
        String key = unique("key");
        exactApi()
                .header(KEY, key)
                .body(Map.of("name", unique("bad"), "script", "return ("))
                .post("/jobs")
                .then()
                .statusCode(422);
        Map<String, Object> draft = Map.of("name", unique("good"), "script", "return 1", "pollIntervalSeconds", RARELY);
        String id = api().header(KEY, key)
                .body(draft)
                .post("/jobs")
                .then()
                .statusCode(201)
                .extract()
                .path("id");
        api().header("If-Match", "*").post("/jobs/{job}/archive", id).then().statusCode(200);
        api().header("If-Match", "*").delete("/jobs/{job}", id).then().statusCode(204);

        api().header(KEY, key).body(draft).post("/jobs").then().statusCode(409).body("type", endsWith("#result-gone"));
    }

    @Test
    void run_is_started_once_for_all_calls_with_one_key() {
        String job = idleJob("return 1").getString("id");
        String key = unique("key");

        String run = api().header(KEY, key)
                .post("/jobs/{job}/runs", job)
                .then()
                .statusCode(202)
                .extract()
                .path("id");
        ended(run);
        api().header(KEY, key)
                .post("/jobs/{job}/runs", job)
                .then()
                .statusCode(202)
                .header(REPLAYED, equalTo("true"))
                .header("Location", endsWith(run))
                .body("id", equalTo(run));

        api().get("/jobs/{job}/runs", job).then().body("total", equalTo(1));
        exactApi().header(KEY, "\tä").post("/jobs/{job}/runs", job).then().statusCode(400);
    }
}

package io.asyncjobs.testsupport;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;

import io.restassured.config.EncoderConfig;
import io.restassured.config.RestAssuredConfig;
import io.restassured.http.ContentType;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The API as a superadmin uses it in tests. */
public final class Api {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final RestAssuredConfig UTF_8 = RestAssuredConfig.config()
            .encoderConfig(EncoderConfig.encoderConfig().defaultContentCharset("UTF-8"));

    private Api() {}

    /** A request of the superadmin {@code alice}. */
    public static RequestSpecification api() {
        return given().config(UTF_8)
                .auth()
                .oauth2(Tokens.superadmin("alice"))
                .contentType(ContentType.JSON)
                .basePath("/api/v1");
    }

    /** A name that no other test uses. */
    public static String unique(String name) {
        return name + "-" + UUID.randomUUID();
    }

    /** Creates a job with a unique name and returns what the API says of it. */
    public static JsonPath createJob(int intervalSeconds, String script) {
        return createJob(intervalSeconds, script, Map.of());
    }

    /** As {@link #createJob(int, String)}, with more fields. */
    public static JsonPath createJob(int intervalSeconds, String script, Map<String, Object> more) {
        Map<String, Object> draft = new HashMap<>(more);
        draft.putIfAbsent("name", unique("job"));
        draft.put("pollIntervalSeconds", intervalSeconds);
        draft.put("script", script);
        Response created = api().body(draft).post("/jobs");
        created.then().statusCode(201);
        return created.jsonPath();
    }

    /** Takes a job out of use, so that it does not disturb the next test. */
    public static void archive(String job) {
        api().header("If-Match", "*").post("/jobs/{job}/archive", job).then().statusCode(200);
    }

    /** The job's runs that have ended, latest first, once there are so many. */
    public static List<Map<String, Object>> endedRuns(String job, int atLeast) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> ended(job).size() >= atLeast);
        return ended(job);
    }

    /** The job's ledger of the last day. */
    public static JsonPath ticks(String job) {
        return api().get("/jobs/{job}/ticks", job)
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();
    }

    private static List<Map<String, Object>> ended(String job) {
        return api().queryParam("size", 500)
                .get("/jobs/{job}/runs", job)
                .then()
                .statusCode(200)
                .extract()
                .jsonPath()
                .getList("items.findAll { it.outcome != null }");
    }
}

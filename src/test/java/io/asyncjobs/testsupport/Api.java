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

    private static final int MOST_SECONDS = 300;

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

    /** As {@link #api()}, past the proxy that compares exchanges: it writes numbers anew, {@code 1.10} as {@code 1.1}. */
    public static RequestSpecification exactApi() {
        return api().noFilters();
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

    /** A job that runs only by hand, with a unique name; returns what the API says of it. */
    public static JsonPath idleJob(String script) {
        return idleJob(script, Map.of());
    }

    /** As {@link #idleJob(String)}, with more fields. */
    public static JsonPath idleJob(String script, Map<String, Object> more) {
        while (true) {
            JsonPath job = createJob(MOST_SECONDS, script, more);
            String id = job.getString("id");
            api().post("/jobs/{job}/pause", id).then().statusCode(200);
            if (api().get("/jobs/{job}/runs", id).jsonPath().getInt("total") == 0) {
                return job;
            }
            // Its first tick, which lies somewhere in the first interval, was faster: once in a while it is
            archive(id);
        }
    }

    /** Takes a job out of use, so that it does not disturb the next test. */
    public static void archive(String job) {
        api().header("If-Match", "*").post("/jobs/{job}/archive", job).then().statusCode(200);
    }

    /** Changes some of the job's fields. */
    public static Response patch(String job, Map<String, Object> changes) {
        Response changed = api().header("If-Match", "*")
                .contentType("application/merge-patch+json")
                .body(changes)
                .patch("/jobs/{job}", job);
        changed.then().statusCode(200);
        return changed;
    }

    /** Starts a run by hand and waits for its end. */
    public static Map<String, Object> runNow(String job) {
        return ended(startRun(job));
    }

    /** Starts a run by hand; returns its id. */
    public static String startRun(String job) {
        // The timer may be faster once: a rare job has its first tick somewhere in its first interval
        return await().atMost(PATIENCE)
                .until(() -> api().post("/jobs/{job}/runs", job), answer -> answer.statusCode() == 202)
                .jsonPath()
                .getString("id");
    }

    /** The run once it has ended. */
    public static Map<String, Object> ended(String run) {
        return await().atMost(PATIENCE)
                .until(
                        () -> api().get("/runs/{run}", run).jsonPath().<String, Object>getMap("$"),
                        found -> found.get("outcome") != null);
    }

    /** The job's runs that have ended, latest first, once there are so many. */
    public static List<Map<String, Object>> endedRuns(String job, int atLeast) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> allEnded(job).size() >= atLeast);
        return allEnded(job);
    }

    /** The job's ledger of the last day. */
    public static JsonPath ticks(String job) {
        return api().get("/jobs/{job}/ticks", job)
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();
    }

    private static List<Map<String, Object>> allEnded(String job) {
        return api().queryParam("size", 500)
                .get("/jobs/{job}/runs", job)
                .then()
                .statusCode(200)
                .extract()
                .jsonPath()
                .getList("items.findAll { it.outcome != null }");
    }
}

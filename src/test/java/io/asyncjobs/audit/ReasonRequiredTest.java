package io.asyncjobs.audit;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.ended;
import static io.asyncjobs.testsupport.Api.unique;
import static io.asyncjobs.testsupport.Pages.form;
import static io.asyncjobs.testsupport.Pages.page;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.asyncjobs.testsupport.DatabaseResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A service that takes no change by a person without a reason. */
@QuarkusTest
@WithTestResource(ReasonRequiredTest.Strict.class)
class ReasonRequiredTest {

    public static final class Strict implements QuarkusTestResourceLifecycleManager {

        @Override
        public Map<String, String> start() {
            Map<String, String> configuration = new HashMap<>(new DatabaseResource().start());
            configuration.put("asyncjobs.audit.reason-required", "true");
            return configuration;
        }

        @Override
        public void stop() {}
    }

    private static final String REASON = "CR-118";
    private static final int RARELY = 300;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Test
    void job_changes_only_with_a_reason() {
        String name = unique("strict");
        String job = "/jobs/" + name;
        needsReason(state(job), reason -> body(reason, draft(name, "return 1")).post("/jobs"));
        needsReason(state(job), reason -> body(reason, draft(name, "return 2")).put(job));
        needsReason(state(job), reason -> body(reason, Map.of("description", "patched"))
                .contentType("application/merge-patch+json")
                .patch(job));
        needsReason(state(job), reason -> query(reason)
                .contentType("text/javascript")
                .body("return 3")
                .put(job + "/script"));
        needsReason(state(job), reason -> body(reason, Map.of("revision", 1)).post(job + "/revert"));
        needsReason(state(job), reason -> body(reason, Map.of()).post(job + "/pause"));
        needsReason(state(job), reason -> body(reason, Map.of()).post(job + "/resume"));
        needsReason(state(job), reason -> body(reason, Map.of()).post(job + "/archive"));
        needsReason(state(job), reason -> body(reason, Map.of()).post(job + "/unarchive"));
        body(REASON, Map.of()).post(job + "/archive").then().statusCode(200);
        needsReason(state(job), reason -> query(reason).delete(job));
    }

    @Test
    void runs_are_started_and_cancelled_only_with_a_reason() {
        String job = pausedJob("await sleep(60_000)");
        needsReason(state(job + "/runs"), reason -> body(reason, Map.of()).post(job + "/runs"));
        String run = api().get(job + "/runs").jsonPath().getString("items[0].id");

        refused(reason -> body(reason, Map.of()).post("/runs/{run}/cancel", run));
        api().get("/runs/{run}", run).then().body("outcome", equalTo(null));
        body(REASON, Map.of()).post("/runs/{run}/cancel", run).then().statusCode(202);

        assertThat(ended(run)).containsEntry("outcome", "cancelled");
    }

    @Test
    void state_is_edited_only_with_a_reason() {
        String entry = pausedJob("return 1") + "/state/since";
        needsReason(state(entry), reason -> query(reason).body("[1]").put(entry));
        needsReason(state(entry), reason -> query(reason).body("[2]").put(entry));
        needsReason(state(entry), reason -> query(reason).delete(entry));
    }

    @Test
    void accounts_change_only_with_a_reason() {
        String name = unique("strict");
        String account = "/accounts/" + name;
        needsReason(
                state(account), reason -> body(reason, Map.of("username", name)).post("/accounts"));
        needsReason(state(account), reason -> body(reason, Map.of("username", name, "displayName", "Ada"))
                .put(account));
        String job = pausedJob("return 1");
        body(REASON, Map.of("associatedUser", name))
                .contentType("application/merge-patch+json")
                .patch(job)
                .then()
                .statusCode(200);
        needsReason(state(job), reason -> body(reason, Map.of("to", "system")).post(account + "/transfer"));
        body(REASON, Map.of()).post(job + "/archive").then().statusCode(200);
        query(REASON).delete(job).then().statusCode(204);
        needsReason(state(account), reason -> query(reason).delete(account));
    }

    @Test
    void connections_change_only_with_a_reason() {
        String connection = "/connections/" + unique("strict");
        Map<String, Object> http = Map.of("http", Map.of("baseUrl", "http://127.0.0.1"));
        needsReason(state(connection), reason -> unconditional(reason, http).put(connection));
        needsReason(state(connection), reason -> body(reason, Map.of("http", Map.of("baseUrl", "http://127.0.0.2")))
                .put(connection));
        needsReason(state(connection), reason -> query(reason).delete(connection));
    }

    @Test
    void the_setting_changes_only_with_a_reason() {
        String setting = "/settings/async-job-manager";
        needsReason(
                state(setting), reason -> body(reason, Map.of("enabled", false)).put(setting));
        needsReason(
                state(setting), reason -> body(reason, Map.of("enabled", true)).put(setting));
    }

    @Test
    void forms_ask_for_the_reason_and_come_back_without_one() {
        String name = unique("strict");
        body(REASON, Map.of("username", name)).post("/accounts").then().statusCode(201);
        String before = state("/accounts/" + name).get();
        String page = page().get("/admin/support/accounts/{name}", name).asString();
        Matcher etag =
                Pattern.compile("name=\"etag\" value=\"&quot;([^\"]+)&quot;\"").matcher(page);
        assertThat(etag.find()).isTrue();

        form().formParam("etag", '"' + etag.group(1) + '"')
                .formParam("displayName", "typed")
                .formParam("kind", "person")
                .formParam("reason", " ")
                .post("/admin/support/accounts/{name}", name)
                .then()
                .statusCode(422)
                .body(containsString("id=\"account-reason-fault\""))
                .body(containsString("value=\"typed\""));

        assertThat(state("/accounts/" + name).get()).isEqualTo(before);
        for (String path : List.of(
                "accounts/" + name,
                "new-account",
                "new-connection?kind=http",
                "new-connection?kind=postgresql",
                "environment")) {
            assertThat(page().get("/admin/support/" + path).asString())
                    .as(path)
                    .containsPattern("name=\"reason\" rows=\"2\" required")
                    .contains("Nothing is done here without one.");
        }
    }

    @Test
    void change_without_effect_and_what_the_service_does_itself_need_none() {
        String job = pausedJob("return 1");
        String until = Instant.now().plusSeconds(2).toString();
        body(REASON, Map.of("until", until)).post(job + "/pause").then().statusCode(200);

        await().atMost(PATIENCE).until(() -> !api().get(job).jsonPath().getBoolean("paused"));
        body(null, Map.of()).post(job + "/resume").then().statusCode(200);
        body(REASON, Map.of()).post(job + "/archive").then().statusCode(200);
    }

    private static void needsReason(Supplier<String> state, Function<@Nullable String, Response> change) {
        String before = state.get();
        refused(change);
        assertThat(state.get()).isEqualTo(before);

        assertThat(change.apply(REASON).statusCode()).isBetween(200, 204);
        assertThat(state.get()).isNotEqualTo(before);
    }

    private static void refused(Function<@Nullable String, Response> change) {
        for (String none : new @Nullable String[] {null, " "}) {
            change.apply(none).then().statusCode(422).body("violations.field", contains("reason"));
        }
    }

    /** What the API says of that; of a job, but for what its timer does. */
    private static Supplier<String> state(String path) {
        return () -> {
            Response read = api().get(path);
            return read.statusCode() + " " + read.header("ETag") + " "
                    + (read.header("ETag") == null ? read.asString() : "");
        };
    }

    private static String pausedJob(String script) {
        String name = unique("strict");
        body(REASON, draft(name, script)).post("/jobs").then().statusCode(201);
        body(REASON, Map.of()).post("/jobs/{job}/pause", name).then().statusCode(200);
        return "/jobs/" + name;
    }

    private static Map<String, Object> draft(String name, String script) {
        return Map.of("name", name, "script", script, "pollIntervalSeconds", RARELY);
    }

    private static RequestSpecification query(@Nullable String reason) {
        RequestSpecification request = api().header("If-Match", "*");
        return reason == null ? request : request.queryParam("reason", reason);
    }

    private static RequestSpecification body(@Nullable String reason, Map<String, Object> fields) {
        return unconditional(reason, fields).header("If-Match", "*");
    }

    private static RequestSpecification unconditional(@Nullable String reason, Map<String, Object> fields) {
        Map<String, Object> body = new HashMap<>(fields);
        if (reason != null) {
            body.put("reason", reason);
        }
        return api().body(body);
    }
}

package io.asyncjobs.run;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.idleJob;
import static io.asyncjobs.testsupport.Api.patch;
import static io.asyncjobs.testsupport.Api.runNow;
import static io.asyncjobs.testsupport.Api.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.asyncjobs.testsupport.DatabaseResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a job says of its own limits. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class JobLimitsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "resultBytes | 10 | return 'x'.repeat(20) | limit_exceeded | Limit of 10 bytes for the result passed",
                "hostCalls | 2 | for (let i = 0; i < 3; i++) await state.get('k') | limit_exceeded | Limit of 2 host calls",
                "stateChars | 30 | await state.set('key', 'x'.repeat(40)) | failed | at most 30 characters",
            })
    void limit_of_the_job_counts(String limit, int value, String script, String outcome, String message) {
        String job = idleJob(script, Map.of("limits", Map.of(limit, value))).getString("id");

        Map<String, Object> run = runNow(job);
        api().body(Map.of("job", job))
                .post("/trials")
                .then()
                .body("outcome", equalTo(outcome))
                .body("error.message", containsString(message));

        assertThat(run).containsEntry("outcome", outcome);
        assertThat(String.valueOf(run.get("error"))).contains(message);
    }

    @Test
    void larger_limit_than_usual_lets_more_through() {
        String job = idleJob("return 'x'.repeat(100000)").getString("id");
        assertThat(runNow(job)).containsEntry("outcome", "limit_exceeded");

        patch(job, Map.of("limits", Map.of("resultBytes", 200_000)));

        assertThat(runNow(job)).containsEntry("outcome", "succeeded");
    }

    @Test
    void log_is_cut_where_the_job_says() {
        String job = idleJob(
                        "log.info('a'.repeat(60)); log.info('b'.repeat(60)); log.info('c')",
                        Map.of("limits", Map.of("logBytes", 100)))
                .getString("id");

        Map<String, Object> run = runNow(job);

        assertThat(run).containsEntry("outcome", "succeeded").containsEntry("logTruncated", true);
        assertThat(api().get("/runs/{run}/log", run.get("id")).asString())
                .contains("b".repeat(40))
                .doesNotContain("b".repeat(41))
                .contains("limit of 100 bytes");
    }

    @Test
    void limits_are_part_of_a_revision() {
        String job = idleJob("return 1").getString("id");
        api().get("/jobs/{job}", job).then().body("limits.logBytes", nullValue());
        patch(job, Map.of("limits", Map.of("hostCalls", 5, "logBytes", 1000)))
                .then()
                .body("limits.hostCalls", equalTo(5))
                .body("revision", equalTo(2));
        patch(job, Map.of("limits", Map.of("logBytes", 1000))).then().body("revision", equalTo(2));
        patch(job, Map.of("description", "other")).then().body("limits.hostCalls", equalTo(5));

        assertThat(api().get("/jobs/{job}/diff?from=1&to=2", job).asString()).contains("+    \"hostCalls\" : 5");
        api().header("If-Match", "*")
                .body(Map.of("revision", 1))
                .post("/jobs/{job}/revert", job)
                .then()
                .statusCode(200)
                .body("limits.hostCalls", nullValue());
    }

    @Test
    void limit_past_its_ceiling_or_below_nothing_is_refused() {
        api().body(Map.of(
                        "name",
                        unique("greedy"),
                        "script",
                        "return 1",
                        "limits",
                        Map.of("logBytes", 2_000_000, "hostCalls", 1_000_000)))
                .post("/jobs")
                .then()
                .statusCode(422)
                .body("violations.field", containsInAnyOrder("limits.logBytes", "limits.hostCalls"))
                .body("violations[0].message", containsString("ceiling"));
        api().body(Map.of("name", unique("greedy"), "script", "return 1", "limits", Map.of("resultBytes", -1)))
                .post("/jobs")
                .then()
                .statusCode(422)
                .body("violations.field", containsInAnyOrder("limits.resultBytes"));
    }
}

package io.asyncjobs.run;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.idleJob;
import static io.asyncjobs.testsupport.Api.runNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;

import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.Pages;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

/** What is large is read where it is asked for, and in pieces; lists do without it. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class LargeListsTest {

    @Inject
    Jdbi jdbi;

    @Test
    void list_of_runs_leaves_out_what_is_large_and_says_so() {
        String job = idleJob(
                        "for (let i = 0; i < 3; i++) await state.set('k' + i, 'v'.repeat(1900));"
                                + " return 'r'.repeat(params.size)",
                        Map.of("parameters", Map.of("size", 5000)))
                .getString("id");
        Map<String, Object> run = runNow(job);
        assertThat((String) run.get("result")).hasSize(5000);
        assertThat((List<?>) run.get("effects")).hasSize(3);
        assertThat((List<?>) run.get("omitted")).isEmpty();

        api().get("/jobs/{job}/runs", job)
                .then()
                .statusCode(200)
                .body("items[0].id", equalTo(run.get("id")))
                .body("items[0].result", nullValue())
                .body("items[0].effects", nullValue())
                .body("items[0].omitted", equalTo(List.of("result", "effects")));
    }

    @Test
    void list_of_runs_gives_what_is_small_and_the_beginning_of_a_long_error() {
        String job = idleJob("throw new Error('\u00e9\\u2028\"'.repeat(2000))").getString("id");
        String whole =
                api().get("/runs/{run}", runNow(job).get("id")).jsonPath().getString("error.message");

        var listed = api().get("/jobs/{job}/runs", job).jsonPath();

        String beginning = listed.getString("items[0].error.message");
        assertThat(beginning).hasSizeGreaterThan(200).hasSizeLessThan(whole.length());
        assertThat(whole).startsWith(beginning);
        assertThat(listed.getList("items[0].omitted")).containsExactly("error");
        Pages.page().get("/admin/support/async-jobs/{job}/runs", job).then().statusCode(200);
    }

    @Test
    void page_of_state_is_bounded_in_bytes() {
        String job = idleJob("return 1").getString("id");
        for (String key : List.of("a", "b", "c")) {
            api().body('"' + key.repeat(300_000) + '"')
                    .put("/jobs/{job}/state/{key}", job, key)
                    .then()
                    .statusCode(200);
        }
        // Written before the limit of a job's state was lowered, or by a job that may keep more
        keepLarge(job);

        api().get("/jobs/{job}/state", job)
                .then()
                .statusCode(200)
                .body("items", hasSize(4))
                .body("items.omitted", equalTo(List.of(false, false, false, true)))
                .body("items[3].value", nullValue());
        assertThat(api().get("/jobs/{job}/state/{key}", job, "d").jsonPath().getString("value"))
                .hasSize(1_000_000);
    }

    private void keepLarge(String job) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        insert into job_state (job_id, key, value, updated_at)
                        values (:job::uuid, 'd', '"' || repeat('d', 1000000) || '"', now())
                        """).bind("job", job).execute());
    }

    @Test
    void long_log_is_whole_although_it_is_read_in_pieces() {
        String job = idleJob(
                        "for (let i = 0; i < 900; i++) log.info(i + ' \\u{1F600}\\u00e9' + 'x'.repeat(150), { i });")
                .getString("id");
        String run = (String) runNow(job).get("id");

        List<String> lines = api().accept("text/plain")
                .get("/runs/{run}/log", run)
                .then()
                .statusCode(200)
                .extract()
                .asString()
                .lines()
                .toList();

        assertThat(lines).hasSize(900);
        for (int i = 0; i < lines.size(); i++) {
            assertThat(lines.get(i))
                    .contains("INFO  " + i + " \ud83d\ude00\u00e9" + "x".repeat(150) + " {\"i\":" + i + "}");
        }
    }
}

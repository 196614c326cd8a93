package io.asyncjobs.dashboard;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Pages.form;
import static io.asyncjobs.testsupport.Pages.page;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;

import io.asyncjobs.dashboard.form.UtcInput;
import io.asyncjobs.testsupport.Api;
import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.ServerSentEvents;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@WithTestResource(DatabaseResource.class)
class JobPagesTest {

    private static final String LIST = "/admin/support/async-jobs";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Pattern LIVE = Pattern.compile("data-live=\"([^\"]+)\"");
    private static final String IMAGE = "<img src=x onerror=alert(1)>";

    @Test
    void a_job_that_fails_says_since_when_why_and_with_which_revision_it_began() {
        String job = Api.idleJob("return 1").getString("id");
        Object succeeded = Api.runNow(job).get("id");
        assertThat(page().get(LIST + "/" + job).asString()).doesNotContain("Failing since");
        Api.patch(job, Map.of("script", "throw new Error('the lab is gone')", "reason", "new lab"));
        Object first = Api.runNow(job).get("id");
        Object latest = Api.runNow(job).get("id");

        String here = LIST + "/" + job;
        assertThat(page().get(here).asString())
                .contains("Failing since", "2 runs failed", "the lab is gone", "saved by <bdi>alice</bdi>", "new lab")
                .contains(here + "/runs/" + first + "\">First failed run")
                .contains(here + "/runs/" + latest + "\">Latest failed run")
                .contains(here + "/runs/" + succeeded + "\">Last successful run")
                .contains(here + "/revisions/diff?from=1&amp;to=2\">What changed");
    }

    @Test
    void the_page_says_what_the_job_is() {
        String job = Api.idleJob(
                        "const a = '<b>';\nreturn a",
                        Map.of("description", "What it is for", "parameters", Map.of("site", "DE-01")))
                .getString("id");
        String md5 = api().get("/jobs/{job}", job).jsonPath().getString("scriptMd5");

        shown(job)
                .contains("What it is for")
                .contains("data-copy=\"" + md5 + "\"")
                .contains("id=\"L1\">const a = &#39;&lt;b&gt;&#39;;")
                .contains("id=\"L2\">return a")
                .contains("&quot;site&quot; : &quot;DE-01&quot;")
                .contains("class=\"status paused\"")
                .contains("href=\"" + LIST + "/" + job + "/edit\"")
                .contains("/admin/support/audit?entityType=job&amp;entity=" + job);
    }

    @Test
    void a_job_is_paused_until_a_time_in_utc_and_resumed() {
        String job = Api.idleJob("return 1").getString("id");
        String until = LocalDateTime.now(ZoneOffset.UTC)
                .plusDays(1)
                .truncatedTo(ChronoUnit.MINUTES)
                .toString();

        done(form().formParam("until", until)
                .formParam("reason", "the lab is offline")
                .post(path(job, "pause")));

        api().get("/jobs/{job}", job)
                .then()
                .body("pause.until", equalTo(until + ":00Z"))
                .body("pause.reason", equalTo("the lab is offline"))
                .body("pause.by", equalTo("alice"));
        shown(job)
                .contains("the lab is offline")
                .contains("The job is paused")
                .contains("/resume")
                .contains("<span class=\"action\">pause</span>");

        done(form().post(path(job, "resume")));
        assertThat(api().get("/jobs/{job}", job).jsonPath().getBoolean("paused"))
                .isFalse();
        Api.archive(job);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tomorrow", "2026-02-30T10:00", "2001-01-01T00:00"})
    void an_end_of_a_pause_that_is_none_is_refused_with_a_way_back(String until) {
        String job = Api.idleJob("return 1").getString("id");

        form().formParam("until", until)
                .post(path(job, "pause"))
                .then()
                .statusCode(422)
                .body(containsString("<code>until</code>"))
                .body(containsString("href=\"" + LIST + "/" + job + "\">the job</a>"));
    }

    @Test
    void a_job_is_archived_brought_back_and_deleted_with_a_reason() {
        String job = Api.idleJob("return 1").getString("id");

        done(form().formParam("etag", etag(job))
                .formParam("reason", "superseded")
                .post(path(job, "archive")));
        shown(job).contains("class=\"status archived\"").contains("/unarchive").doesNotContain("/pause\"");
        done(form().formParam("etag", etag(job)).post(path(job, "unarchive")));
        done(form().formParam("etag", etag(job)).post(path(job, "archive")));
        form().formParam("etag", etag(job))
                .formParam("reason", "never needed")
                .post(path(job, "delete"))
                .then()
                .statusCode(303)
                .header("Location", equalTo(LIST + "?done=deleted"));

        page().get(LIST + "/" + job).then().statusCode(404).body(containsString("Async Jobs</a>"));
        List<Map<String, Object>> events =
                api().queryParam("entity", job).get("/audit").jsonPath().getList("items");
        assertThat(events).first().satisfies(event -> assertThat(event)
                .containsEntry("action", "delete")
                .containsEntry("reason", "never needed")
                .containsEntry("via", "dashboard")
                .containsEntry("actor", "alice"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"archive", "unarchive", "delete", "revert"})
    void a_form_of_a_page_that_is_out_of_date_changes_nothing_and_leads_back(String action) {
        String job = Api.idleJob("return 1").getString("id");
        String old = etag(job);
        Api.patch(job, Map.of("description", "changed meanwhile"));
        String now = etag(job);

        form().formParam("etag", old)
                .formParam("revision", 1)
                .post(path(job, action))
                .then()
                .statusCode(412)
                .body(containsString("so nothing was done"))
                .body(containsString("href=\"" + LIST + "/" + job + "\""));
        form().formParam("revision", 1).post(path(job, action)).then().statusCode(428);

        assertThat(etag(job)).isEqualTo(now);
    }

    @ParameterizedTest
    @ValueSource(strings = {"runs", "pause", "resume", "archive", "unarchive", "delete", "revert"})
    void a_form_on_another_site_changes_nothing(String action) {
        String job = Api.idleJob("return 1").getString("id");
        String before = etag(job);

        for (String site : List.of("cross-site", "same-site", "none")) {
            page().header("Sec-Fetch-Site", site)
                    .contentType("application/x-www-form-urlencoded")
                    .formParam("etag", "*")
                    .formParam("revision", 1)
                    .post(path(job, action))
                    .then()
                    .statusCode(403);
        }

        assertThat(etag(job)).isEqualTo(before);
        assertThat(api().get("/jobs/{job}/runs", job).jsonPath().getInt("total"))
                .isZero();
    }

    @Test
    void a_run_is_started_watched_and_cancelled() {
        String job = Api.idleJob("log.info('waiting', {for: 'you'}); await sleep(60_000)")
                .getString("id");

        Response started = form().formParam("reason", "to see it").post(path(job, "runs"));
        started.then().statusCode(303).header("Location", endsWith("?done=started"));
        String run = started.header("Location").split("\\?")[0];
        form().post(path(job, "runs")).then().statusCode(409).body(containsString("the job</a>"));
        await().atMost(PATIENCE).untilAsserted(() -> page().get(run)
                .then()
                .statusCode(200)
                .body(containsString("<bdi>waiting</bdi> <code>{&quot;for&quot;:&quot;you&quot;}</code>"))
                .body(containsString("class=\"outcome running\""))
                .body(containsString("data-goes-on")));

        done(form().formParam("reason", "seen").post(run + "/cancel"));
        Api.ended(run.substring(run.lastIndexOf('/') + 1));

        page().get(run)
                .then()
                .body(containsString("class=\"outcome cancelled\""))
                .body(containsString("Cancelled by alice: seen"))
                .body(not(containsString("data-goes-on")))
                .body(not(containsString("/cancel\"")));
        form().post(run + "/cancel").then().statusCode(409);
    }

    @Test
    void a_failed_run_says_where_and_shows_result_and_effects_of_a_good_one() {
        String failing =
                Api.idleJob("log.warn('soon');\nthrow new Error('broken');").getString("id");
        String run = ran(failing);
        page().get(runPath(failing, run))
                .then()
                .body(containsString("Error: broken"))
                .body(containsString("/revisions/1#L2\">2</a>, column"))
                .body(containsString("2 | throw new Error(&#39;broken&#39;);"))
                .body(containsString("<li class=\"warn\">"));

        String good = Api.idleJob("await state.set('since', 7); return { checked: 3 }")
                .getString("id");
        String other = ran(good);
        page().get(runPath(good, other))
                .then()
                .body(containsString("&quot;checked&quot; : 3"))
                .body(containsString("<code>state.set</code>"))
                .body(containsString("No log output."));
        page().get(runPath(good, run)).then().statusCode(404);
    }

    @Test
    void runs_are_filtered_by_outcome_and_time() {
        String job = Api.idleJob("if (run.trigger === 'manual') return 1").getString("id");
        String run = ran(job);
        String runs = path(job, "runs");
        String tomorrow = UtcInput.format(Instant.now().plus(1, ChronoUnit.DAYS));

        page().get(runs).then().body(containsString("id=\"run-" + run));
        page().queryParam("outcome", "succeeded").get(runs).then().body(containsString("id=\"run-" + run));
        for (Map<String, String> query :
                List.of(Map.of("outcome", "failed"), Map.of("from", tomorrow), Map.of("to", "2001-01-01T00:00"))) {
            page().queryParams(query)
                    .get(runs)
                    .then()
                    .statusCode(200)
                    .body(not(containsString("id=\"run-" + run)))
                    .body(containsString("No run is like that"));
        }
        page().queryParam("from", "soon").get(runs).then().statusCode(422);
        page().queryParam("outcome", "odd").get(runs).then().statusCode(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/runs"})
    void runs_come_to_who_looks_at_them(String page) throws Exception {
        String job = Api.idleJob("return 1").getString("id");
        String live = LIVE.matcher(page().get(LIST + "/" + job + page).asString())
                .results()
                .findFirst()
                .orElseThrow()
                .group(1)
                .replace("&amp;", "&");
        try (ServerSentEvents events = ServerSentEvents.open(live, null)) {
            String run = ran(job);

            ServerSentEvents.Event event = events.await("row", PATIENCE);
            while (!("run-" + run).equals(event.id())) {
                assertThat(event.id()).isEqualTo("now");
                event = events.await("row", PATIENCE);
            }
            assertThat(event.data()).startsWith("<tr").contains("id=\"run-" + run);
        }
    }

    @Test
    void two_revisions_are_compared_and_an_older_one_comes_back() {
        String job = Api.idleJob("const a = 1;\nreturn a", Map.of("description", "first"))
                .getString("id");
        Api.patch(
                job,
                Map.of(
                        "script",
                        "const a = 22;\nreturn a",
                        "description",
                        "second",
                        "parameters",
                        Map.of("site", "DE-01"),
                        "reason",
                        "CR-7"));

        page().get(path(job, "revisions"))
                .then()
                .body(containsString("CR-7"))
                .body(containsString("value=\"1\" checked><span class=\"visually-hidden\">Compare from revision 1"))
                .body(containsString("value=\"2\" checked><span class=\"visually-hidden\">Compare to revision 2"));
        page().queryParam("from", 1)
                .queryParam("to", 2)
                .get(path(job, "revisions/diff"))
                .then()
                .body(containsString("const a = <del>1</del>;"))
                .body(containsString("const a = <ins>22</ins>;"))
                .body(containsString("first"))
                .body(containsString("<h3>Parameters</h3>"));
        page().get(path(job, "revisions/1")).then().body(containsString("const a = 1;"));
        done(form().formParam("revision", 1)
                .formParam("etag", etag(job))
                .formParam("reason", "it was better")
                .post(path(job, "revert")));

        api().get("/jobs/{job}", job)
                .then()
                .body("description", equalTo("first"))
                .body("revision", equalTo(3));
        page().queryParam("from", 1)
                .queryParam("to", 3)
                .get(path(job, "revisions/diff"))
                .then()
                .body(containsString("Both are alike."));
        page().get(path(job, "revisions/9")).then().statusCode(404);
        page().queryParam("from", 9).get(path(job, "revisions/diff")).then().statusCode(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1h", "24h", "7d", "odd"})
    void the_ledger_is_drawn_and_told_in_numbers(String window) {
        String job = Api.createJob(1, "return 1").getString("id");
        Api.endedRuns(job, 2);
        Api.archive(job);

        page().queryParam("window", window)
                .get(LIST + "/" + job)
                .then()
                .statusCode(200)
                .body(containsString("<rect class=\"succeeded\""))
                .body(containsString("<path class=\"p50\" d=\"M"))
                .body(containsString("The same in numbers"))
                .body(not(containsString("style=")));
    }

    @Test
    void what_people_and_scripts_wrote_is_text_everywhere() {
        String script = "// \u202e" + IMAGE + "\nlog.info('" + IMAGE + " \\u001b[31m \\u0000 \\u202e', {html: '" + IMAGE
                + "'});\nawait state.set('" + IMAGE + "', '</script>');\nthrow new Error('</pre>" + IMAGE + "')";
        String job = Api.idleJob(
                        script,
                        Map.of(
                                "name",
                                IMAGE + UUID.randomUUID(),
                                "description",
                                "</script>" + IMAGE + "\u202e",
                                "parameters",
                                Map.of("html", IMAGE),
                                "reason",
                                IMAGE))
                .getString("id");
        Api.patch(job, Map.of("script", script + " // " + IMAGE, "description", IMAGE + IMAGE, "reason", IMAGE));
        api().body(Map.of("reason", IMAGE)).post("/jobs/{job}/pause", job);
        String run = ran(job);

        for (String path : List.of(
                LIST + "/" + job,
                path(job, "runs"),
                runPath(job, run),
                path(job, "revisions"),
                path(job, "revisions/1"),
                path(job, "revisions/diff"))) {
            assertThat(page().get(path).then().statusCode(200).extract().asString())
                    .as(path)
                    .contains("&lt;img src=x onerror=alert(1)&gt;")
                    .doesNotContain("<img", "</script>&lt;", "\u202e", "\u001b", "\u0000");
        }
        page().get(runPath(job, run))
                .then()
                .body(containsString("\u27e8U+001B\u27e9[31m"))
                .body(containsString("\u27e8U+202E\u27e9"));
    }

    @Test
    void what_is_unknown_is_a_page_that_says_so() {
        String nowhere = UUID.randomUUID().toString();
        for (String path : List.of("", "/runs", "/revisions", "/revisions/1", "/revisions/diff", "/runs/" + nowhere)) {
            page().get(LIST + "/" + nowhere + path).then().statusCode(404).contentType("text/html;charset=UTF-8");
        }
        form().formParam("etag", "*").post(path(nowhere, "archive")).then().statusCode(404);
    }

    private static AbstractStringAssert<?> shown(String job) {
        return assertThat(page().get(LIST + "/" + job + "?done=paused")
                .then()
                .statusCode(200)
                .extract()
                .asString());
    }

    /** Leads to a page that says so, so that a reload does nothing twice. */
    private static void done(Response answer) {
        answer.then().statusCode(303).header("Location", containsString("?done="));
    }

    private static String ran(String job) {
        return Objects.requireNonNull(Api.runNow(job).get("id")).toString();
    }

    private static String etag(String job) {
        return api().get("/jobs/{job}", job).header("ETag");
    }

    private static String path(String job, String rest) {
        return LIST + "/" + job + "/" + rest;
    }

    private static String runPath(String job, String run) {
        return path(job, "runs/" + run);
    }
}

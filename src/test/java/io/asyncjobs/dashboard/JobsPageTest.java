package io.asyncjobs.dashboard;

import static io.asyncjobs.testsupport.Pages.page;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;

import io.asyncjobs.testsupport.Api;
import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.ServerSentEvents;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@WithTestResource(DatabaseResource.class)
class JobsPageTest {

    private static final String LIST = "/admin/support/async-jobs";
    private static final String BULK = "/admin/support/bulk";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Pattern LIVE = Pattern.compile("data-live=\"([^\"]+)\"");
    private static final Pattern ROW = Pattern.compile("<tr role=\"row\" id=\"job-([0-9a-f-]{36})\"");

    @Test
    void a_row_says_what_a_job_is_and_does() {
        String name = Api.unique("shown");
        JsonPath job = Api.idleJob("return 'shown'", Map.of("name", name));
        Map<String, Object> run = Api.runNow(job.getString("id"));

        page().queryParam("q", name)
                .get(LIST)
                .then()
                .statusCode(200)
                .body(containsString(name))
                .body(containsString("data-copy=\"" + job.getString("scriptMd5") + "\""))
                .body(containsString("class=\"status paused\""))
                .body(containsString("300 s"))
                .body(containsString(LIST + "/" + job.getString("id") + "/runs/" + run.get("id")))
                .body(containsString("Of the latest 1 runs: 1 succeeded"));
    }

    @Test
    void the_text_finds_name_description_and_digests() {
        String word = Api.unique("word");
        String byName = Api.idleJob("return 1", Map.of("name", "Named " + word)).getString("id");
        String byDescription = Api.idleJob("return 1", Map.of("description", "It is the " + word))
                .getString("id");
        JsonPath byScript = Api.idleJob("return '" + word + "'");
        String md5 = byScript.getString("scriptMd5");

        assertThat(found("q", word.toUpperCase(Locale.ROOT))).containsExactlyInAnyOrder(byName, byDescription);
        for (String typed :
                List.of(md5, "  " + md5.toUpperCase(Locale.ROOT), md5 + "  script.js", md5.substring(0, 12))) {
            assertThat(found("q", typed)).as(typed).containsExactly(byScript.getString("id"));
        }
        assertThat(found("q", byScript.getString("scriptSha256"))).containsExactly(byScript.getString("id"));
        assertThat(found("q", "x" + md5)).isEmpty();
    }

    @Test
    void outcome_archived_and_user_take_jobs_out() {
        String word = Api.unique("mixed");
        String user = Api.unique("user");
        Api.api().body(Map.of("username", user)).post("/accounts").then().statusCode(201);
        String good = Api.idleJob("return 1", Map.of("name", word + " good", "associatedUser", user))
                .getString("id");
        String bad = Api.idleJob("throw new Error('no')", Map.of("name", word + " bad"))
                .getString("id");
        String gone = Api.idleJob("return 1", Map.of("name", word + " gone")).getString("id");
        Api.runNow(good);
        Api.runNow(bad);
        Api.archive(gone);

        assertThat(found("q", word)).as("archived ones are hidden").containsExactly(bad, good);
        assertThat(found("q", word, "sort", "-name")).containsExactly(good, bad);
        assertThat(found("q", word, "outcome", "succeeded")).containsExactly(good);
        assertThat(found("q", word, "outcome", "failed")).containsExactly(bad);
        assertThat(found("q", word, "outcome", "none", "show", "archived")).containsExactly(gone);
        assertThat(found("q", word, "show", "archived")).containsExactly(gone);
        assertThat(found("q", word, "show", "failing")).containsExactly(bad);
        assertThat(found("q", word, "show", "paused")).containsExactly(bad, good);
        assertThat(found("q", word, "show", "running")).isEmpty();
        assertThat(found("q", word, "user", user.toUpperCase(Locale.ROOT).substring(2)))
                .containsExactly(good);
        assertThat(found("q", word, "sort", "status")).as("the worst first").containsExactly(bad, good);
        assertThat(found("q", word, "sort", "-status")).containsExactly(good, bad);
        assertThat(found("q", word, "sort", "failingSince")).containsExactly(bad, good);
        assertThat(found("q", word, "sort", "lastSuccessAt"))
                .as("what never succeeded first")
                .containsExactly(bad, good);
        String list = page().queryParam("q", word).get(LIST).asString();
        for (String tab : List.of(
                "All <span class=\"count\">2<",
                "Failing <span class=\"count\">1<",
                "Archived <span class=\"count\">1<")) {
            assertThat(list).contains(tab);
        }
        assertThat(list).contains("1 archived job</a> is not shown here");
    }

    @Test
    void pages_lead_to_one_another_with_the_filter_kept() {
        String word = Api.unique("many");
        for (int i = 0; i < 3; i++) {
            Api.idleJob("return 1", Map.of("name", word + " " + i));
        }

        String second = page().queryParam("q", word)
                .queryParam("size", 2)
                .queryParam("page", 1)
                .get(LIST)
                .asString();

        assertThat(second)
                .contains(">3–3 of 3<")
                .contains("rel=\"prev\" href=\"" + LIST + "?q=" + word + "&amp;size=2\"");
        assertThat(second).doesNotContain("rel=\"next\"");
    }

    @Test
    void pages_of_an_outcome_are_in_order_and_know_how_many_there_are() {
        String word = Api.unique("never");
        List<String> jobs = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            jobs.add(Api.idleJob("return 1", Map.of("name", word + " " + i)).getString("id"));
        }

        Object[] never = {"q", word, "outcome", "none", "sort", "-name", "size", 2};
        assertThat(found(never)).containsExactly(jobs.get(2), jobs.get(1));
        Object[] next = Arrays.copyOf(never, never.length + 2);
        next[never.length] = "page";
        next[never.length + 1] = 1;
        assertThat(found(next)).containsExactly(jobs.get(0));
        assertThat(page().queryParam("q", word)
                        .queryParam("outcome", "none")
                        .queryParam("size", 2)
                        .get(LIST)
                        .asString())
                .contains(">1–2 of 3<");
        assertThat(found("q", word, "outcome", "running")).isEmpty();
        assertThat(found("q", word, "outcome", "unheard of")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sort=script", "sort=name;drop", "size=501", "size=-1", "page=x", "show=maybe"})
    void a_query_that_makes_no_sense_is_said_on_a_page(String query) {
        page().get(LIST + "?" + query).then().statusCode(400).contentType("text/html;charset=UTF-8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"%00", "%25", "_", "'", "\\", "%ED%A0%80", "' or 1=1 --", "."})
    void odd_text_finds_nothing(String text) {
        assertThat(ROW.matcher(page().urlEncodingEnabled(false)
                                .get(LIST + "?q="
                                        + text.replace(" ", "+")
                                                .replace("'", "%27")
                                                .replace("\\", "%5C"))
                                .then()
                                .statusCode(200)
                                .extract()
                                .asString())
                        .results())
                .as(text)
                .isEmpty();
    }

    @Test
    void hostile_names_are_text() {
        String word = Api.unique("hostile");
        Api.idleJob("return 1", Map.of("name", "<img src=x onerror=alert(1)> " + word));

        page().queryParam("q", word)
                .get(LIST)
                .then()
                .body(containsString("<bdi>&lt;img src=x onerror=alert(1)&gt; " + word + "</bdi>"));
        assertThat(page().queryParam("q", "\"><script>alert(1)</script>")
                        .get(LIST)
                        .asString())
                .doesNotContain("<script>alert");
    }

    @Test
    void a_row_that_changes_is_sent_to_who_looks_at_the_list() throws Exception {
        String name = Api.unique("watched");
        String job = Api.idleJob("return 1", Map.of("name", name)).getString("id");
        String live = LIVE.matcher(page().queryParam("q", name).get(LIST).asString())
                .results()
                .findFirst()
                .orElseThrow()
                .group(1)
                .replace("&amp;", "&");
        Api.api().post("/jobs/{job}/resume", job).then().statusCode(200);
        try (ServerSentEvents events = ServerSentEvents.open(live, null)) {
            ServerSentEvents.Event tabs = events.await("row", PATIENCE);
            ServerSentEvents.Event first = events.await("row", PATIENCE);
            Api.api().post("/jobs/{job}/pause", job).then().statusCode(200);
            ServerSentEvents.Event counted = events.await("row", PATIENCE);
            ServerSentEvents.Event second = events.await("row", PATIENCE);

            assertThat(tabs.id()).isEqualTo("tabs");
            assertThat(first.id()).isEqualTo(job);
            assertThat(first.data()).as("what changed before the stream began").contains("status active");
            assertThat(counted.data()).contains("Paused <span class=\"count\">1<");
            assertThat(second.data()).contains("status paused").startsWith("<tr");
        }
    }

    @Test
    void several_jobs_are_paused_after_a_look_and_those_that_refuse_are_named() {
        String word = Api.unique("several");
        String first =
                Api.createJob(300, "return 1", Map.of("name", word + " a")).getString("id");
        String second =
                Api.createJob(300, "return 1", Map.of("name", word + " b")).getString("id");

        String preview = form().formParams(Map.of("action", "pause", "scope", "matching", "q", word, "for", "1h"))
                .post(BULK)
                .then()
                .statusCode(200)
                .extract()
                .asString();
        assertThat(preview).contains("Pause 2 jobs", word + " a", word + " b", first + " " + second);
        assertThat(Api.api().get("/jobs/{job}", first).jsonPath().getBoolean("paused"))
                .as("only looked at")
                .isFalse();

        form().formParams(Map.of(
                        "jobs", first + " " + second, "reason", "the lab is offline", "until", "2999-01-01T00:00:00Z"))
                .redirects()
                .follow(false)
                .post(BULK + "/pause")
                .then()
                .statusCode(303);
        for (String job : List.of(first, second)) {
            assertThat(Api.api().get("/jobs/{job}", job).jsonPath().getMap("pause"))
                    .containsEntry("by", "alice")
                    .containsEntry("reason", "the lab is offline")
                    .containsEntry("until", "2999-01-01T00:00:00Z");
            assertThat(Api.api()
                            .queryParams(Map.of("entity", job, "entityType", "job"))
                            .get("/audit")
                            .jsonPath()
                            .<String>getList("items.findAll { it.action == 'pause' }.actor"))
                    .containsExactly("alice");
        }

        Api.archive(second);
        assertThat(form().formParams(Map.of("jobs", first + " " + second))
                        .post(BULK + "/runs")
                        .then()
                        .statusCode(200)
                        .extract()
                        .asString())
                .contains("Done for 1 job.", word + " b", "The job is archived");
        assertThat(Api.endedRuns(first, 1)).hasSize(1);
        form().formParams(Map.of("jobs", "no id")).post(BULK + "/pause").then().statusCode(422);
        form().formParams(Map.of("action", "explode", "scope", "everything"))
                .post(BULK)
                .then()
                .statusCode(422);
    }

    @Test
    void addresses_that_nobody_knows_are_answered_with_a_page() {
        for (String path : List.of("/nowhere", "/admin", "/admin/nowhere", LIST + "/nowhere")) {
            page().header("Accept", "text/html")
                    .get(path)
                    .then()
                    .statusCode(404)
                    .contentType("text/html;charset=UTF-8");
        }
        page().header("Accept", "text/html")
                .get("/api/v1/nowhere")
                .then()
                .statusCode(404)
                .contentType("application/problem+json");
    }

    @Test
    void jobs_open_by_names_that_stand_in_addresses() {
        for (String name : List.of("new", "live")) {
            String job = Api.idleJob("return 1", Map.of("name", name)).getString("id");
            try {
                String here = LIST + "/" + name;
                String page = name.equals("new")
                        ? page().get(here).then().statusCode(303).extract().header("Location")
                        : here;
                page().get(page).then().statusCode(200).body(containsString(job));
            } finally {
                Api.archive(job);
                Api.api()
                        .header("If-Match", "*")
                        .delete("/jobs/{job}", job)
                        .then()
                        .statusCode(204);
            }
        }
        page().get(LIST + "/new").then().statusCode(200).body(containsString("job-form"));
        page().get("/admin/support/new-job").then().statusCode(200).body(containsString("job-form"));
    }

    /** As a page of this service sends a form. */
    private static io.restassured.specification.RequestSpecification form() {
        return page().header("Sec-Fetch-Site", "same-origin")
                .contentType("application/x-www-form-urlencoded; charset=UTF-8");
    }

    private static List<String> found(Object... query) {
        var request = page();
        for (int i = 0; i < query.length; i += 2) {
            request.queryParam((String) query[i], query[i + 1]);
        }
        return ROW.matcher(request.get(LIST).then().statusCode(200).extract().asString())
                .results()
                .map((MatchResult row) -> row.group(1))
                .toList();
    }
}

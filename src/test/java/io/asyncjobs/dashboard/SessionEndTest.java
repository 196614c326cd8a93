package io.asyncjobs.dashboard;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Pages.form;
import static io.asyncjobs.testsupport.Pages.page;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;

import io.asyncjobs.testsupport.Api;
import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.HtmlForm;
import io.asyncjobs.testsupport.Pages;
import io.asyncjobs.testsupport.ServerSentEvents;
import io.asyncjobs.testsupport.Tokens;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.config.EncoderConfig;
import io.restassured.config.RestAssuredConfig;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Forms that are sent after the session has ended: what was typed comes back by way of signing in. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class SessionEndTest {

    private static final String LIST = "/admin/support/async-jobs";
    private static final String SECRET = "s3cret-that-is-never-shown";

    @Test
    void a_job_that_is_saved_after_the_session_is_back_in_its_form_after_signing_in() {
        JsonPath job = Api.idleJob("return 1;\r\n// end");
        String edit = LIST + "/" + job.getString("id") + "/edit";
        HtmlForm typed = HtmlForm.of(page().get(edit), "/edit")
                .with("script", "return '<b>\"mine\" & yours</b>';\n\n\t// end")
                .with("description", "two\nlines")
                .with("pollIntervalSeconds", "299");

        Response signIn = typed.sendInParts(stranger(), edit);

        signIn.then()
                .statusCode(401)
                .header("Location", equalTo(null))
                .body(containsString("Your session has ended, so nothing was saved."))
                .body(not(containsString("<b>\"mine")));
        assertThat(job(job).getInt("revision")).isEqualTo(1);
        Response back = signedIn(signIn, edit + "/form");
        back.then().statusCode(200).body(containsString("Your session had ended, so nothing was saved."));
        HtmlForm again = HtmlForm.of(back, "/edit");
        assertThat(again.fields()).containsAllEntriesOf(typed.fields());
        again.sendInParts(form(), edit).then().statusCode(303).header("Location", containsString("done=saved"));
        assertThat(job(job).getString("script")).isEqualTo("return '<b>\"mine\" & yours</b>';\r\n\r\n\t// end");
        assertThat(job(job).getInt("pollIntervalSeconds")).isEqualTo(299);
    }

    @Test
    void what_was_to_be_reviewed_or_tried_comes_back_too_and_so_does_a_new_job() {
        String name = Api.unique("kept");
        HtmlForm typed = HtmlForm.of(page().get(LIST + "/new"), "/new")
                .with("name", name)
                .with("script", "return 7;");

        for (String step : new String[] {"", "/review", "/try"}) {
            Response back = signedIn(typed.sendInParts(stranger(), LIST + "/new" + step), LIST + "/new/form");
            assertThat(HtmlForm.of(back, "/new").fields()).containsAllEntriesOf(typed.fields());
        }
    }

    @Test
    void a_script_of_a_megabyte_comes_back() {
        HtmlForm typed = HtmlForm.of(page().get(LIST + "/new"), "/new")
                .with("name", Api.unique("large"))
                .with("script", "// é\n".repeat(170_000) + "return 1;");

        Response back = signedIn(typed.sendInParts(stranger(), LIST + "/new"), LIST + "/new/form");

        // All of it: what is sent at once arrives before anybody reads it
        assertThat(HtmlForm.of(back, "/new").fields()).isEqualTo(typed.fields());
    }

    @Test
    void a_token_that_is_refused_loses_nothing() {
        HtmlForm typed = HtmlForm.of(page().get(LIST + "/new"), "/new").with("script", "return 'kept';");
        HtmlForm signIn = HtmlForm.of(typed.sendInParts(stranger(), LIST + "/new"), "/admin/sign-in");

        Response refused = signIn.with("token", "a.b.c").sendInParts(stranger(), "/admin/sign-in");
        refused.then().statusCode(401).body(containsString("This token is not valid here"));
        Response empty = HtmlForm.of(refused, "/admin/sign-in").sendInParts(stranger(), "/admin/sign-in");
        empty.then().statusCode(401).body(containsString("Paste a token."));

        Response back = signedIn(empty, LIST + "/new/form");
        assertThat(HtmlForm.of(back, "/new").value("script")).isEqualTo("return 'kept';");
    }

    @Test
    void a_cookie_whose_token_has_expired_is_no_hindrance() {
        String expired =
                Tokens.draft().user("alice").expiresIn(Duration.ofMinutes(-5)).sign();
        HtmlForm typed = HtmlForm.of(page().get(LIST + "/new"), "/new").with("script", "return 'kept';");

        Response signIn = typed.sendInParts(stranger().cookie(Pages.COOKIE, expired), LIST + "/new");

        signIn.then().statusCode(401);
        HtmlForm filled = HtmlForm.of(signIn, "/admin/sign-in").with("token", Tokens.superadmin("alice"));
        filled.sendInParts(stranger().cookie(Pages.COOKIE, expired), "/admin/sign-in")
                .then()
                .statusCode(307);
    }

    @Test
    void a_secret_is_not_carried_and_the_page_says_so() {
        HtmlForm typed = HtmlForm.of(page().get("/admin/support/new-connection?kind=http"), "/new-connection?kind=http")
                .with("name", Api.unique("kept"))
                .with("http.baseUrl", "https://clinical.example.com")
                .with("http.authentication.type", "bearer")
                .with("http.headers", "X-Tenant: a\nAccept-Language: en")
                .with("secret", SECRET)
                .with("secretName", "webhook")
                .with("secrets", SECRET)
                .with("clientKey", SECRET);

        Response signIn = typed.send(stranger(), "/admin/support/new-connection?kind=http");

        signIn.then().statusCode(401).body(not(containsString(SECRET))).body(containsString("type the secret again"));
        Response back = signedIn(signIn, "/admin/support/new-connection/form?kind=http");
        back.then().body(containsString("type the secret again")).body(not(containsString(SECRET)));
        List.of("secret", "secrets", "clientKey").forEach(typed.fields()::remove);
        assertThat(HtmlForm.of(back, "/new-connection?kind=http").fields()).containsAllEntriesOf(typed.fields());
    }

    @Test
    void a_connection_and_an_account_come_back_into_their_forms() {
        String connection = Api.unique("kept");
        api().body(Map.of("http", Map.of("baseUrl", "https://clinical.example.com")))
                .put("/connections/{name}", connection)
                .then()
                .statusCode(201);
        String ofConnection = "/admin/support/connections/" + connection;
        HtmlForm typed = HtmlForm.of(page().get(ofConnection), ofConnection).with("description", "typed\nin two lines");
        Response back = signedIn(typed.send(stranger(), ofConnection), ofConnection + "/form");
        typed.fields().remove("secret");
        assertThat(HtmlForm.of(back, ofConnection).fields()).containsAllEntriesOf(typed.fields());

        String account = Api.unique("kept");
        api().body(Map.of("username", account)).post("/accounts").then().statusCode(201);
        String ofAccount = "/admin/support/accounts/" + account;
        HtmlForm other = HtmlForm.of(page().get(ofAccount), ofAccount).with("displayName", "typed");
        other.fields().remove("active");
        HtmlForm shown = HtmlForm.of(signedIn(other.send(stranger(), ofAccount), ofAccount + "/form"), ofAccount);
        assertThat(shown.fields()).containsAllEntriesOf(other.fields()).doesNotContainKey("active");
        shown.send(form(), ofAccount).then().statusCode(303);
        api().get("/accounts/{name}", account).then().body("active", equalTo(false));
    }

    @Test
    void a_button_with_a_reason_asks_again_and_does_nothing_by_itself() {
        JsonPath job = Api.idleJob("return 1");
        String path = LIST + "/" + job.getString("id");
        HtmlForm archive = HtmlForm.of(page().get(path), "/archive").with("reason", "not <needed>");

        Response signIn = archive.send(stranger(), path + "/archive");
        Response back = signedIn(signIn, "/admin/go-on?to=" + path.replace("/", "%2F") + "%2Farchive");

        back.then()
                .statusCode(200)
                .body(containsString("Archive: not done yet"))
                .body(containsString("not &lt;needed&gt;"));
        assertThat(job(job).getBoolean("archived")).isFalse();
        HtmlForm.of(back, "/archive").send(form(), path + "/archive").then().statusCode(303);
        assertThat(job(job).getBoolean("archived")).isTrue();
    }

    @Test
    void a_button_that_sends_nothing_leads_back_to_its_job() {
        JsonPath job = Api.idleJob("return 1");
        String path = LIST + "/" + job.getString("id");

        HtmlForm signIn = HtmlForm.of(
                stranger().contentType("application/x-www-form-urlencoded").post(path + "/runs"), "/admin/sign-in");

        signIn.with("token", Tokens.superadmin("alice"))
                .send(stranger(), "/admin/sign-in")
                .then()
                .statusCode(303)
                .header("Location", equalTo(path));
    }

    @Test
    void nothing_is_kept_of_what_another_site_sends_and_nothing_leads_elsewhere() {
        HtmlForm typed = HtmlForm.of(page().get(LIST + "/new"), "/new").with("script", "return 'forged';");
        typed.sendInParts(given().accept("text/html").header("Sec-Fetch-Site", "cross-site"), LIST + "/new")
                .then()
                .statusCode(403)
                .body(not(containsString("forged")));

        for (String next :
                new String[] {"https://example.org/form", "//example.org/admin/support/x/form", LIST + "/x/archive"}) {
            HtmlForm signIn = HtmlForm.of(typed.sendInParts(stranger(), LIST + "/new"), "/admin/sign-in")
                    .with("next", next)
                    .with("token", Tokens.superadmin("alice"));
            Response answer = signIn.sendInParts(stranger(), "/admin/sign-in");
            assertThat(answer.statusCode()).as(next).isEqualTo(303);
            assertThat(answer.header("Location")).startsWith("/admin/support/");
        }
        for (String to : new String[] {"https://example.org/", "//example.org", "/api/v1/jobs", ""}) {
            typed.sendInParts(form(), "/admin/go-on?to=" + to).then().statusCode(400);
        }
    }

    @Test
    void a_program_without_a_token_is_told_so_and_its_body_is_not_read() {
        given().accept("application/json")
                .header("Sec-Fetch-Site", "same-origin")
                .contentType("application/x-www-form-urlencoded")
                .formParam("script", "x".repeat(100_000))
                .post(LIST + "/new")
                .then()
                .statusCode(401)
                .contentType("application/problem+json");
    }

    @Test
    void what_was_typed_for_a_job_that_is_gone_is_kept_for_a_new_one() {
        JsonPath job = Api.idleJob("return 1");
        String edit = LIST + "/" + job.getString("id") + "/edit";
        HtmlForm typed = HtmlForm.of(page().get(edit), "/edit").with("script", "return 'kept';");
        Api.archive(job.getString("id"));
        api().header("If-Match", "*")
                .delete("/jobs/{job}", job.getString("id"))
                .then()
                .statusCode(204);

        Response gone = typed.sendInParts(form(), edit);

        gone.then().statusCode(404).body(containsString("The job was deleted meanwhile."));
        HtmlForm again = HtmlForm.of(gone, "/new");
        assertThat(again.value("script")).isEqualTo("return 'kept';");
        again.with("pollIntervalSeconds", "300")
                .sendInParts(form(), LIST + "/new")
                .then()
                .statusCode(303);
        Api.archive(job.getString("name"));
    }

    @Test
    void streams_end_with_the_token_and_say_so() throws Exception {
        JsonPath job = Api.idleJob("log.info('begins'); await sleep(55000);");
        String run = Api.startRun(job.getString("id"));
        try {
            for (String path : List.of(
                    "/admin/support/live/async-jobs",
                    LIST + "/" + job.getString("id") + "/live",
                    "/api/v1/runs/" + run + "/log")) {
                try (ServerSentEvents events = ServerSentEvents.open(path, null, shortToken())) {
                    List<ServerSentEvents.Event> all = events.untilEnd(Duration.ofSeconds(30));

                    assertThat(all.getLast().name()).as(path).isEqualTo("token-expired");
                }
            }
        } finally {
            api().post("/runs/{run}/cancel", run);
        }
    }

    @Test
    void a_small_form_that_is_refused_comes_back_with_what_was_typed() {
        JsonPath job = Api.idleJob("return 1");
        String path = LIST + "/" + job.getString("id");
        HtmlForm pause = HtmlForm.of(page().get(path), "/pause")
                .with("until", "2020-01-31T12:00")
                .with("reason", "the <lab> is offline");

        Response refused = pause.send(form(), path + "/pause");

        refused.then().statusCode(422).body(containsString("must lie in the future"));
        HtmlForm again = HtmlForm.of(refused, "/pause");
        assertThat(again.fields()).containsAllEntriesOf(pause.fields());
        again.with("until", "").send(form(), path + "/pause").then().statusCode(303);
        assertThat(job(job).getString("pause.reason")).isEqualTo("the <lab> is offline");
    }

    /** Long enough to be let in, and not longer. */
    private static String shortToken() {
        return Tokens.draft()
                .user("alice")
                .claim("groups", List.of(Tokens.SUPERADMIN))
                .expiresIn(Duration.ofSeconds(4))
                .sign();
    }

    /** Signs in on that page; what its browser gets from where it is sent on to. */
    private static Response signedIn(Response page, String target) {
        HtmlForm signIn = HtmlForm.of(page, "/admin/sign-in").with("token", Tokens.superadmin("alice"));
        Response answer = signIn.sendInParts(stranger(), "/admin/sign-in");
        answer.then().statusCode(307).header("Location", equalTo(target));
        assertThat(answer.detailedCookie(Pages.COOKIE).getValue()).isNotEmpty();
        // The same form once more
        return signIn.sendInParts(form().urlEncodingEnabled(false), target);
    }

    /** A browser without a session. */
    private static RequestSpecification stranger() {
        return given().config(RestAssuredConfig.config()
                        .encoderConfig(EncoderConfig.encoderConfig().defaultContentCharset("UTF-8")))
                .redirects()
                .follow(false)
                .accept("text/html")
                .header("Sec-Fetch-Site", "same-origin");
    }

    private static JsonPath job(JsonPath job) {
        return api().get("/jobs/{job}", job.getString("id")).jsonPath();
    }
}

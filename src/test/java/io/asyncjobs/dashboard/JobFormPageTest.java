package io.asyncjobs.dashboard;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Pages.form;
import static io.asyncjobs.testsupport.Pages.page;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;

import io.asyncjobs.testsupport.Api;
import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.Pages;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The form of a job, sent as a browser without scripts sends it. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class JobFormPageTest {

    private static final String LIST = "/admin/support/async-jobs";
    private static final Pattern INPUT =
            Pattern.compile("<input id=\"job-[\\w.]+\" name=\"([\\w.]+)\"[^>]* value=\"([^\"]*)\"");
    private static final Pattern ETAG = Pattern.compile("name=\"etag\" value=\"([^\"]*)\"");
    private static final Pattern HIDDEN =
            Pattern.compile("<input type=\"hidden\" name=\"([\\w.]+)\" value=\"([^\"]*)\"");
    private static final Pattern TEXT = Pattern.compile(
            "<textarea (?:id=\"job-[\\w.]+\" )?name=\"([\\w.]+)\"[^>]*>\n(.*?)</textarea>", Pattern.DOTALL);

    @Test
    void a_job_is_added_with_what_the_form_offers() {
        String name = Api.unique("added");
        Map<String, String> typed = fields(page().get(LIST + "/new"));
        assertThat(typed).containsEntry("pollIntervalSeconds", "60").containsEntry("timeoutSeconds", "60");
        typed.putAll(
                Map.of("name", name, "script", "return params.a;", "parameters", "{\"a\": 1}", "reason", "asked for"));

        String location = send(LIST + "/new", typed)
                .then()
                .statusCode(303)
                .header("Location", matchesPattern(LIST + "/[0-9a-f-]{36}\\?done=created"))
                .extract()
                .header("Location");

        JsonPath job = job(location.substring(LIST.length() + 1, LIST.length() + 37));
        assertThat(job.getString("name")).isEqualTo(name);
        assertThat(job.getInt("parameters.a")).isEqualTo(1);
        assertThat(job.getString("associatedUser")).isNull();
        Api.archive(job.getString("id"));
        assertThat(api().queryParam("entity", job.getString("id"))
                        .get("/audit")
                        .jsonPath()
                        .getList("items.via"))
                .isNotEmpty();
    }

    @Test
    void all_that_is_wrong_is_said_beside_its_field_and_what_was_typed_is_kept() {
        Map<String, String> typed = fields(page().get(LIST + "/new"));
        typed.putAll(Map.of(
                "name", " ",
                "script", "return (;\n// <b>kept</b>",
                "pollIntervalSeconds", "301",
                "timeoutSeconds", "1.5",
                "parameters", "{\"a\": 1,}",
                "limits.hostCalls", "-1",
                "associatedUser", "nobody & sons"));

        Response answer = send(LIST + "/new", typed);

        answer.then()
                .statusCode(422)
                .body(containsString("class=\"errors\""))
                .body(containsString("href=\"#job-pollIntervalSeconds\""))
                .body(containsString("id=\"job-name-fault\""))
                .body(containsString("id=\"job-timeoutSeconds-fault\""))
                .body(containsString("id=\"job-limits.hostCalls-fault\""))
                .body(containsString("line 1, column 9"))
                .body(containsString("// &lt;b&gt;kept&lt;/b&gt;"))
                .body(not(containsString("<b>kept")));
        assertThat(fields(answer)).containsAllEntriesOf(typed);
    }

    @Test
    void numbers_of_parameters_are_shown_and_saved_as_they_are_written() {
        JsonPath job = Api.idleJob("return 1", Map.of("description", "numbers"));
        String edit = LIST + "/" + job.getString("id") + "/edit";
        Map<String, String> typed = fields(page().get(edit));
        typed.put("parameters", "{\"dose\": 1.10, \"exp\": 1e3, \"long\": 0.12345678901234567890}");
        send(edit, typed).then().statusCode(303);

        Response shown = page().get(edit);
        assertThat(fields(shown)).hasEntrySatisfying("parameters", parameters -> assertThat(parameters)
                .contains("\"dose\" : 1.10", "\"exp\" : 1e3", "\"long\" : 0.12345678901234567890"));
        send(edit, fields(shown)).then().statusCode(303).header("Location", containsString("done=unchanged"));
        assertThat(Api.exactApi().get("/jobs/{job}", job.getString("id")).asString())
                .contains("\"parameters\":{\"dose\":1.10,\"exp\":1e3,\"long\":0.12345678901234567890}");

        typed = fields(page().get(edit));
        typed.put("parameters", "{\"id\": 9007199254740993}");
        send(edit, typed).then().statusCode(422).body(containsString("9007199254740993 would become 9007199254740992"));
    }

    @Test
    void a_script_that_does_not_parse_is_shown_with_its_place() {
        Map<String, String> typed = fields(page().get(LIST + "/new"));
        typed.putAll(Map.of("name", Api.unique("broken"), "script", "const a = 1;\nreturn (;"));

        send(LIST + "/new", typed)
                .then()
                .statusCode(422)
                .body(containsString("id=\"job-script-fault\""))
                .body(containsString("line 2"));
    }

    @Test
    void a_name_that_is_taken_is_said_beside_the_name() {
        String name = Api.idleJob("return 1").getString("name");
        Map<String, String> typed = fields(page().get(LIST + "/new"));
        typed.putAll(Map.of("name", name, "script", "return 1"));

        send(LIST + "/new", typed).then().statusCode(409).body(containsString("id=\"job-name-fault\""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\uFEFFreturn 1;",
                "return 1;\r\nreturn 2;\r\n",
                "return 1;\nreturn 2;\r\n// mixed\n",
                "\n\n  return 1;",
                "return 1;\n\n",
                "return '</textarea><script>alert(1)</script>';",
                "return '\u202Eright to left \uD83D\uDE00';"
            })
    void opening_and_saving_leaves_the_script_as_it_was(String script) {
        JsonPath job = Api.idleJob(script);
        String edit = LIST + "/" + job.getString("id") + "/edit";

        send(edit, fields(page().get(edit)))
                .then()
                .statusCode(303)
                .header("Location", containsString("done=unchanged"));

        assertThat(job(job.getString("id")).getString("scriptMd5")).isEqualTo(job.getString("scriptMd5"));
    }

    @Test
    void line_ends_of_a_changed_script_are_those_it_had() {
        JsonPath windows = Api.idleJob("const a = 1;\r\nreturn a;\r\n");
        JsonPath unix = Api.idleJob("const a = 1;\nreturn a;\n");

        for (JsonPath job : List.of(windows, unix)) {
            String edit = LIST + "/" + job.getString("id") + "/edit";
            Map<String, String> typed = fields(page().get(edit));
            typed.merge("script", "// more\n", String::concat);
            send(edit, typed).then().statusCode(303).header("Location", containsString("done=saved"));
        }

        assertThat(job(windows.getString("id")).getString("script"))
                .isEqualTo("const a = 1;\r\nreturn a;\r\n// more\r\n");
        assertThat(job(unix.getString("id")).getString("script")).isEqualTo("const a = 1;\nreturn a;\n// more\n");
    }

    @Test
    void every_field_survives_opening_and_saving() {
        String user = Api.unique("user");
        api().body(Map.of("username", user)).post("/accounts").then().statusCode(201);
        JsonPath job = Api.idleJob(
                "return 1",
                Map.of(
                        "description",
                        "two\nlines & <more>",
                        "parameters",
                        Map.of("list", List.of(1, 2.50, "x"), "deep", Map.of("a", true)),
                        "parametersSchema",
                        Map.of("type", "object"),
                        "associatedUser",
                        user,
                        "timeoutSeconds",
                        7,
                        "limits",
                        Map.of("logBytes", 1000, "hostCalls", 5)));
        String edit = LIST + "/" + job.getString("id") + "/edit";

        send(edit, fields(page().get(edit))).then().header("Location", containsString("done=unchanged"));

        assertThat(job(job.getString("id")).getInt("revision")).isEqualTo(job.getInt("revision"));
    }

    @Test
    void a_stale_form_without_its_revision_asks_about_each_field_that_differs() {
        JsonPath job = Api.idleJob("return 'first';");
        String edit = LIST + "/" + job.getString("id") + "/edit";
        Map<String, String> typed = fields(page().get(edit));
        Api.patch(job.getString("id"), Map.of("script", "return 'theirs';", "description", "theirs too"));
        typed.putAll(Map.of("script", "return 'mine';", "etag", "\"of-old\""));

        Response stale = send(edit, typed);

        stale.then()
                .statusCode(412)
                .body(containsString("changed while you were editing"))
                .body(containsString("theirs too"))
                .body(containsString("name=\"choice.script\" value=\"theirs\""))
                .body(containsString("name=\"choice.description\" value=\"yours\""))
                .body(not(containsString("value=\"before\"")));
        assertThat(job(job.getString("id")).getString("script")).isEqualTo("return 'theirs';");
        Map<String, String> again = fields(stale);
        assertThat(again).containsEntry("script", "return 'mine';");
        send(edit, again).then().statusCode(422);
        again.putAll(Map.of("choice.script", "yours", "choice.description", "theirs"));
        send(edit, again).then().statusCode(303);
        assertThat(job(job.getString("id")).getString("script")).isEqualTo("return 'mine';");
        assertThat(job(job.getString("id")).getString("description")).isEqualTo("theirs too");
    }

    @Test
    void what_would_only_be_found_by_the_next_save_is_said_at_once() {
        String taken = Api.idleJob("return 1").getString("name");
        Map<String, String> typed = fields(page().get(LIST + "/new"));
        typed.putAll(Map.of(
                "name", taken.toUpperCase(Locale.ROOT),
                "script", "return (;",
                "pollIntervalSeconds", "301",
                "parameters", "{\"a\": \"x\"}",
                "parametersSchema", "{\"properties\": {\"a\": {\"type\": \"integer\"}}}",
                "limits.hostCalls", "999999999",
                "associatedUser", "nobody at all"));

        Response answer = send(LIST + "/new", typed);

        answer.then()
                .statusCode(422)
                .body(containsString("id=\"job-name-fault\""))
                .body(containsString("id=\"job-script-fault\""))
                .body(containsString("id=\"job-pollIntervalSeconds-fault\""))
                .body(containsString("id=\"job-parameters-fault\""))
                .body(containsString("id=\"job-limits.hostCalls-fault\""))
                .body(containsString("id=\"job-associatedUser-fault\""));
        typed.putAll(Map.of("parameters", "{", "parametersSchema", "[]", "limits.hostCalls", "1.5"));
        send(LIST + "/new", typed)
                .then()
                .statusCode(422)
                .body(containsString("id=\"job-name-fault\""))
                .body(containsString("id=\"job-script-fault\""))
                .body(containsString("id=\"job-parameters-fault\""))
                .body(containsString("id=\"job-parametersSchema-fault\""))
                .body(containsString("id=\"job-limits.hostCalls-fault\""))
                .body(containsString("id=\"job-associatedUser-fault\""));
    }

    @Test
    void a_review_shows_the_difference_and_saves_what_was_typed() {
        JsonPath job = Api.idleJob("const limit = 10;\nreturn limit;\n");
        String edit = LIST + "/" + job.getString("id") + "/edit";
        Map<String, String> typed = fields(page().get(edit));
        typed.putAll(
                Map.of("script", "const limit = 20;\nreturn limit;\n", "pollIntervalSeconds", "299", "reason", "why"));

        Response review = send(edit + "/review", typed);

        review.then()
                .statusCode(200)
                .body(containsString("<del>1</del>"))
                .body(containsString("<ins>2</ins>"))
                .body(containsString("Poll interval seconds"));
        assertThat(job(job.getString("id")).getInt("revision")).isEqualTo(1);
        Map<String, String> reviewed = fields(review);
        assertThat(fields(send(edit + "/form", reviewed))).containsAllEntriesOf(typed);
        send(edit, reviewed).then().statusCode(303);
        JsonPath saved = job(job.getString("id"));
        assertThat(saved.getString("script")).isEqualTo("const limit = 20;\nreturn limit;\n");
        assertThat(saved.getInt("pollIntervalSeconds")).isEqualTo(299);
    }

    @Test
    void what_would_be_refused_is_said_before_a_review() {
        JsonPath job = Api.idleJob("return 1");
        String edit = LIST + "/" + job.getString("id") + "/edit";
        Map<String, String> typed = fields(page().get(edit));
        typed.put("script", "return (");

        send(edit + "/review", typed).then().statusCode(422).body(containsString("id=\"job-script-fault\""));
    }

    @Test
    void a_trial_shows_what_it_would_do_and_changes_nothing() {
        Map<String, String> typed = fields(page().get(LIST + "/new"));
        typed.putAll(Map.of(
                "script", "log.warn('seen <b>'); await state.set('k', params.v); return {v: params.v};",
                "parameters", "{\"v\": \"<i>7</i>\"}"));

        Response tried = send(LIST + "/new/try", typed);

        tried.then()
                .statusCode(200)
                .body(containsString("class=\"outcome succeeded\""))
                .body(containsString("seen &lt;b&gt;"))
                .body(containsString("state.set"))
                .body(containsString("&lt;i&gt;7&lt;/i&gt;"))
                .body(not(containsString("<i>7")));
        assertThat(fields(tried)).containsAllEntriesOf(typed);
    }

    @Test
    void a_trial_that_fails_shows_the_line() {
        Map<String, String> typed = fields(page().get(LIST + "/new"));
        typed.put("script", "const a = null;\nreturn a.b;");

        send(LIST + "/new/try", typed)
                .then()
                .statusCode(200)
                .body(containsString("class=\"outcome failed\""))
                .body(containsString("(line 2"));
    }

    @Test
    void a_large_script_is_taken() {
        Map<String, String> typed = fields(page().get(LIST + "/new"));
        typed.putAll(Map.of(
                "name",
                Api.unique("large"),
                "script",
                "// é\n".repeat(150_000) + "return 1;",
                "pollIntervalSeconds",
                "300"));

        String location =
                send(LIST + "/new", typed).then().statusCode(303).extract().header("Location");

        Api.archive(location.substring(LIST.length() + 1, LIST.length() + 37));
    }

    @Test
    void a_form_of_another_site_saves_nothing() {
        JsonPath job = Api.idleJob("return 1");
        String edit = LIST + "/" + job.getString("id") + "/edit";
        Map<String, String> typed = fields(page().get(edit));
        typed.put("script", "return 'evil'");

        page().header("Sec-Fetch-Site", "cross-site")
                .contentType("application/x-www-form-urlencoded")
                .formParams(typed)
                .post(edit)
                .then()
                .statusCode(403);
        assertThat(job(job.getString("id")).getString("script")).isEqualTo("return 1");
    }

    @Test
    void an_unknown_job_has_no_form() {
        page().get(LIST + "/01900000-0000-7000-8000-000000000000/edit")
                .then()
                .statusCode(404)
                .contentType("text/html;charset=UTF-8");
    }

    private static JsonPath job(String id) {
        return api().get("/jobs/{job}", id).then().statusCode(200).extract().jsonPath();
    }

    /** Line ends become CR LF on the way, as browsers make them. */
    private static Response send(String path, Map<String, String> fields) {
        var request = form().contentType("multipart/form-data");
        fields.forEach(
                (name, value) -> request.multiPart(Pages.textPart(name, value.replaceAll("\r\n|\r|\n", "\r\n"))));
        return request.post(path);
    }

    /** What the page's form holds, as a browser reads it. */
    private static Map<String, String> fields(Response page) {
        String html = page.asString();
        Map<String, String> fields = new LinkedHashMap<>();
        for (Pattern pattern : List.of(INPUT, HIDDEN, TEXT)) {
            Matcher found = pattern.matcher(html);
            while (found.find()) {
                fields.put(found.group(1), unescaped(found.group(2)).replaceAll("\r\n?", "\n"));
            }
        }
        Matcher etag = ETAG.matcher(html);
        assertThat(etag.find()).as(html).isTrue();
        fields.put("etag", unescaped(etag.group(1)));
        return new HashMap<>(fields);
    }

    private static String unescaped(String html) {
        return Objects.requireNonNull(html)
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&#39;", "'")
                .replace("&amp;", "&");
    }
}

package io.asyncjobs.dashboard;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Pages.form;
import static io.asyncjobs.testsupport.Pages.page;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;

import io.asyncjobs.testsupport.Api;
import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.HtmlForm;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Two people edit the same thing, and neither loses what they typed. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class TwoEditorsTest {

    private static final String LIST = "/admin/support/async-jobs";

    @Test
    void fields_that_only_one_of_them_changed_are_merged() {
        JsonPath job = Api.idleJob("return 'first';", Map.of("description", "first"));
        HtmlForm mine = edit(job).with("script", "return 'mine';");
        Api.patch(id(job), Map.of("pollIntervalSeconds", 299, "description", "theirs", "parameters", Map.of("a", 1)));

        save(job, mine).then().statusCode(303).header("Location", containsString("done=merged"));

        JsonPath saved = now(job);
        assertThat(saved.getString("script")).isEqualTo("return 'mine';");
        assertThat(saved.getInt("pollIntervalSeconds")).isEqualTo(299);
        assertThat(saved.getString("description")).isEqualTo("theirs");
        assertThat(saved.getInt("parameters.a")).isEqualTo(1);
        assertThat(saved.getInt("revision")).isEqualTo(3);
    }

    @Test
    void an_interval_that_only_the_other_changed_is_never_put_back() {
        JsonPath job = Api.idleJob("return 'first';", Map.of("pollIntervalSeconds", 300));
        HtmlForm mine = edit(job).with("script", "return 'mine';");
        Api.patch(id(job), Map.of("script", "return 'theirs';", "pollIntervalSeconds", 299));

        Response asked = save(job, mine);
        asked.then().statusCode(412);
        HtmlForm choosing = HtmlForm.of(asked, "/edit");
        assertThat(choosing.value("pollIntervalSeconds")).isEqualTo("299");
        save(job, choosing.with("choice.script", "yours")).then().statusCode(303);

        assertThat(now(job).getString("script")).isEqualTo("return 'mine';");
        assertThat(now(job).getInt("pollIntervalSeconds")).isEqualTo(299);
    }

    @Test
    void fields_that_both_changed_are_shown_as_theirs_yours_and_before_and_settled_one_by_one() {
        JsonPath job = Api.idleJob(
                "return 'first';", Map.of("description", "first", "timeoutSeconds", 10, "pollIntervalSeconds", 300));
        HtmlForm mine = edit(job)
                .with("script", "return 'mine';")
                .with("description", "mine")
                .with("timeoutSeconds", "20")
                .with("pollIntervalSeconds", "298");
        Api.patch(
                id(job),
                Map.of(
                        "script",
                        "return 'theirs';",
                        "description",
                        "theirs",
                        "timeoutSeconds",
                        30,
                        "pollIntervalSeconds",
                        299));

        Response asked = save(job, mine);

        asked.then()
                .statusCode(412)
                .body(containsString("changed while you were editing"))
                .body(containsString("name=\"choice.description\" value=\"theirs\""))
                .body(containsString("<bdi class=\"prose\">first</bdi>"))
                .body(containsString("<bdi class=\"prose\">theirs</bdi>"))
                .body(containsString("<bdi class=\"prose\">mine</bdi>"))
                .body(not(containsString("name=\"choice.name\"")));
        assertThat(now(job).getInt("revision")).isEqualTo(2);
        HtmlForm choosing = HtmlForm.of(asked, "/edit");
        assertThat(choosing.fields()).doesNotContainKeys("choice.script", "choice.description");

        // Nothing is chosen silently
        Response open = save(job, choosing.with("choice.script", "yours").with("choice.timeoutSeconds", "theirs"));
        open.then()
                .statusCode(422)
                .body(containsString("must be chosen: theirs, yours or before"))
                .body(not(containsString("name=\"choice.script\"")))
                .body(containsString("name=\"choice.description\" value=\"before\""));
        HtmlForm rest = HtmlForm.of(open, "/edit")
                .with("choice.description", "before")
                .with("choice.pollIntervalSeconds", "theirs");
        save(job, rest).then().statusCode(303).header("Location", containsString("done=saved"));

        JsonPath saved = now(job);
        assertThat(saved.getString("script")).isEqualTo("return 'mine';");
        assertThat(saved.getString("description")).isEqualTo("first");
        assertThat(saved.getInt("timeoutSeconds")).isEqualTo(30);
        assertThat(saved.getInt("pollIntervalSeconds")).isEqualTo(299);
    }

    @Test
    void what_was_chosen_is_what_was_shown_even_if_a_third_one_saves_meanwhile() {
        JsonPath job = Api.idleJob("return 1;", Map.of("description", "first"));
        HtmlForm mine = edit(job).with("description", "mine");
        Api.patch(id(job), Map.of("description", "theirs"));
        HtmlForm choosing = HtmlForm.of(save(job, mine), "/edit").with("choice.description", "before");
        Api.patch(id(job), Map.of("description", "of a third"));

        Response asked = save(job, choosing);

        asked.then().statusCode(412).body(containsString("<bdi class=\"prose\">of a third</bdi>"));
        HtmlForm again = HtmlForm.of(asked, "/edit");
        assertThat(again.value("description")).isEqualTo("first");
        save(job, again.with("choice.description", "yours")).then().statusCode(303);
        assertThat(now(job).getString("description")).isEqualTo("first");
    }

    @Test
    void pausing_and_resuming_do_not_make_a_form_stale() {
        JsonPath job = Api.idleJob("return 1;");
        HtmlForm mine = edit(job).with("script", "return 2;");
        api().post("/jobs/{job}/resume", id(job)).then().statusCode(200);
        api().post("/jobs/{job}/pause", id(job)).then().statusCode(200);

        save(job, mine).then().statusCode(303).header("Location", containsString("done=saved"));

        assertThat(now(job).getString("script")).isEqualTo("return 2;");
    }

    @Test
    void the_same_change_of_both_is_no_conflict_whatever_the_layout_of_its_json() {
        JsonPath job = Api.idleJob("return 1;", Map.of("parameters", Map.of("a", 1)));
        HtmlForm mine = edit(job).with("parameters", "{\n\n  \"a\":2}").with("description", "mine");
        Api.patch(id(job), Map.of("parameters", Map.of("a", 2)));

        save(job, mine).then().statusCode(303);

        assertThat(now(job).getInt("parameters.a")).isEqualTo(2);
        assertThat(now(job).getString("description")).isEqualTo("mine");
    }

    @Test
    void a_review_shows_what_would_be_saved_over_what_somebody_else_saved() {
        JsonPath job = Api.idleJob("return 1;\n");
        HtmlForm mine = edit(job).with("script", "return 2;\n");
        Api.patch(id(job), Map.of("timeoutSeconds", 33));

        Response review = mine.sendInParts(form(), path(job) + "/review");

        review.then()
                .statusCode(200)
                .body(containsString("Somebody else saved meanwhile"))
                .body(containsString("from revision 2"))
                .body(not(containsString("<td role=\"cell\" data-label=\"New\">")));
        HtmlForm.of(review, "/edit").sendInParts(form(), path(job)).then().statusCode(303);
        assertThat(now(job).getInt("timeoutSeconds")).isEqualTo(33);
        assertThat(now(job).getString("script")).isEqualTo("return 2;\n");
    }

    @Test
    void a_difference_names_what_cannot_be_seen() {
        JsonPath job = Api.idleJob("const a = 1;\nconst b = 2;\nreturn a;\n");

        Response review = edit(job)
                .with("script", "const a\u00A0= 1;\nconst b = 2; \t\nreturn a; // \u200B \u202E.\n")
                .sendInParts(form(), path(job) + "/review");

        review.then()
                .statusCode(200)
                .body(containsString("⟨no-break space U+00A0⟩"))
                .body(containsString("⟨trailing space⟩⟨trailing tab⟩"))
                .body(containsString("⟨zero width space U+200B⟩"))
                .body(containsString("⟨right-to-left override U+202E⟩"));
        HtmlForm.of(review, "/edit").sendInParts(form(), path(job)).then().statusCode(303);
        page().get(LIST + "/" + id(job) + "/revisions/diff?from=1&to=2")
                .then()
                .body(containsString("⟨no-break space U+00A0⟩"));
    }

    @Test
    void an_edit_keeps_the_bytes_of_the_lines_it_did_not_touch() {
        String script = "\uFEFFconst a = 1;\r\nconst b = 2;\nconst c = 3;\rconst d = 4;\r\n\r\nreturn a + b;";
        JsonPath job = Api.idleJob(script, Map.of("description", "one\r\ntwo"));

        save(
                        job,
                        edit(job)
                                .with(
                                        "script",
                                        edit(job)
                                                .value("script")
                                                .replace("const b = 2;", "const b = 20;\nconst e = 5;")))
                .then()
                .statusCode(303);

        assertThat(now(job).getString("script"))
                .isEqualTo(script.replace("const b = 2;\n", "const b = 20;\nconst e = 5;\n"));
        assertThat(now(job).getString("description")).isEqualTo("one\r\ntwo");
    }

    @Test
    void an_account_is_merged_and_settled_likewise() {
        String name = Api.unique("both");
        api().body(Map.of("username", name, "displayName", "first", "email", "first@example.com"))
                .post("/accounts")
                .then()
                .statusCode(201);
        String path = "/admin/support/accounts/" + name;
        HtmlForm mine = HtmlForm.of(page().get(path), path).with("displayName", "mine");
        account(name, Map.of("displayName", "first", "email", "theirs@example.com"));
        mine.send(form(), path).then().statusCode(303).header("Location", containsString("done=merged"));
        api().get("/accounts/{name}", name)
                .then()
                .body("displayName", equalTo("mine"))
                .body("email", equalTo("theirs@example.com"));

        HtmlForm other = HtmlForm.of(page().get(path), path).with("displayName", "mine again");
        other.fields().remove("active");
        account(name, Map.of("displayName", "theirs", "email", "theirs@example.com"));
        Response asked = other.send(form(), path);
        asked.then().statusCode(412);
        HtmlForm choosing = HtmlForm.of(asked, path);
        choosing.send(form(), path).then().statusCode(422).body(containsString("must be chosen"));
        choosing.with("choice.displayName", "before").send(form(), path).then().statusCode(303);
        api().get("/accounts/{name}", name)
                .then()
                .body("displayName", equalTo("mine"))
                .body("active", equalTo(false));
    }

    @Test
    void a_secret_never_goes_to_a_place_that_somebody_else_chose() {
        String name = Api.unique("both");
        connection(name, "https://first.example.com", "first");
        String path = "/admin/support/connections/" + name;
        HtmlForm mine = HtmlForm.of(page().get(path), path).with("secret", "for-the-first-place");
        connection(name, "https://other.example.com", "first");

        Response asked = mine.send(form(), path);

        asked.then()
                .statusCode(412)
                .body(containsString("Type the secret again"))
                .body(not(containsString("for-the-first-place")));
        assertThat(HtmlForm.of(asked, path).value("http.baseUrl")).isEqualTo("https://other.example.com");
    }

    private static void connection(String name, String baseUrl, String description) {
        Map<String, Object> draft = new HashMap<>(Map.of(
                "description",
                description,
                "secret",
                "stored",
                "http",
                Map.of("baseUrl", baseUrl, "authentication", Map.of("type", "bearer"))));
        boolean exists = api().get("/connections/{name}", name).statusCode() == 200;
        (exists ? api().header("If-Match", "*") : api())
                .body(draft)
                .put("/connections/{name}", name)
                .then()
                .statusCode(exists ? 200 : 201);
    }

    private static void account(String name, Map<String, Object> fields) {
        Map<String, Object> draft = new HashMap<>(fields);
        draft.put("username", name);
        api().body(draft).put("/accounts/{name}", name).then().statusCode(200);
    }

    private static HtmlForm edit(JsonPath job) {
        return HtmlForm.of(page().get(path(job)), "/edit");
    }

    private static Response save(JsonPath job, HtmlForm typed) {
        return typed.sendInParts(form(), path(job));
    }

    private static JsonPath now(JsonPath job) {
        return api().get("/jobs/{job}", id(job)).jsonPath();
    }

    private static String path(JsonPath job) {
        return LIST + "/" + id(job) + "/edit";
    }

    private static String id(JsonPath job) {
        return job.getString("id");
    }
}

package io.asyncjobs.script;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.idleJob;
import static io.asyncjobs.testsupport.Api.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;

import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.Pages;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@WithTestResource(DatabaseResource.class)
class ScriptsResourceTest {

    @Test
    void script_that_parses_is_valid_and_has_its_digests() {
        api().body(Map.of("script", "return 1;\n"))
                .post("/scripts/validate")
                .then()
                .statusCode(200)
                .body("valid", equalTo(true))
                .body("md5", equalTo("539ab49ab4255f449feac86c19d3b1a9"))
                .body("sha256", equalTo(ScriptSource.of("return 1;\n").sha256()))
                .body("problems", hasSize(0));
    }

    @Test
    void script_that_does_not_parse_says_where() {
        api().body(Map.of("script", "const a = 1;\nreturn a +* 2;"))
                .post("/scripts/validate")
                .then()
                .statusCode(200)
                .body("valid", equalTo(false))
                .body("problems[0].line", equalTo(2))
                .body("problems[0].column", equalTo(11));
    }

    /** Lines of an author's kind, so many bytes of UTF-8 in all. */
    private static String script(int bytes) {
        StringBuilder script = new StringBuilder("let sum = 0; // größer\n");
        for (int i = 0; script.length() < bytes - 100; i++) {
            script.append("function check")
                    .append(i)
                    .append("(row) { return row[\"dose\"] > ")
                    .append(i)
                    .append(" && row.unit !== 'mg'; }\n");
        }
        script.append("return sum;");
        script.append(" ".repeat(bytes - script.toString().getBytes(StandardCharsets.UTF_8).length));
        return script.toString();
    }

    @ParameterizedTest
    @ValueSource(ints = {830_000, 1024 * 1024})
    void large_script_is_accepted_whichever_way_it_comes(int bytes) {
        String script = script(bytes);

        api().body(Map.of("script", script))
                .post("/scripts/validate")
                .then()
                .statusCode(200)
                .body("valid", equalTo(true));
        // As clients write it that escape whatever is not ASCII
        api().body("{\"script\":\"" + escaped(script) + "\"}")
                .post("/scripts/validate")
                .then()
                .statusCode(200)
                .body("md5", equalTo(ScriptSource.of(script).md5()));
        JsonPath job = idleJob(script);
        assertThat(job.getString("scriptMd5")).isEqualTo(ScriptSource.of(script).md5());
    }

    /** A worker keeps no code that it does not need: with that of some such scripts its heap would be full. */
    @Test
    void large_scripts_one_after_the_other_are_accepted_and_run() {
        for (int i = 0; i < 8; i++) {
            api().body(Map.of("script", "// " + unique("large") + "\n" + script(1_000_000)))
                    .post("/trials")
                    .then()
                    .statusCode(200)
                    .body("error", nullValue())
                    .body("outcome", equalTo("succeeded"))
                    .body("result", equalTo(0));
        }
    }

    @Test
    void script_that_is_too_large_is_refused_in_the_same_words_whichever_way_it_comes() {
        String script = script(1024 * 1024 + 1);
        String words = "must have at most 1048576 bytes of UTF-8 (1 MiB), has 1048577";
        String id = idleJob("return 1").getString("id");

        List<Response> answers = List.of(
                api().body(Map.of("script", script)).post("/scripts/validate"),
                api().body(Map.of("script", script, "name", unique("large"))).post("/jobs"),
                api().header("If-Match", "*").body(Map.of("script", script)).patch("/jobs/{job}", id),
                api().header("If-Match", "*")
                        .contentType("text/javascript")
                        .body(script.getBytes(StandardCharsets.UTF_8))
                        .put("/jobs/{job}/script", id),
                api().body(Map.of("script", script)).post("/trials"));

        for (Response answer : answers) {
            answer.then()
                    .statusCode(422)
                    .body("violations.field", equalTo(List.of("script")))
                    .body("violations.message", equalTo(List.of(words)));
        }
        form(id, script).then().statusCode(422).body(containsString(words));
    }

    private static Response form(String job, String script) {
        RequestSpecification form = Pages.form().contentType("multipart/form-data");
        Map<String, String> fields = Map.of(
                "etag",
                "*",
                "name",
                unique("form"),
                "script",
                script,
                "pollIntervalSeconds",
                "300",
                "timeoutSeconds",
                "60");
        fields.forEach((name, value) -> form.multiPart(Pages.textPart(name, value.replace("\n", "\r\n"))));
        return form.post("/admin/support/async-jobs/" + job + "/edit");
    }

    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        text.chars()
                .forEach(c -> escaped.append(
                        c == '\n'
                                ? "\\n"
                                : c == '"' ? "\\\"" : c < 0x7F ? String.valueOf((char) c) : "\\u%04x".formatted(c)));
        return escaped.toString();
    }

    @Test
    void text_that_is_no_script_is_refused_by_name() {
        for (String body : List.of("{}", "{\"script\":null}", "{\"script\":5}", "{\"script\":\"\\ud800\"}")) {
            api().body(body)
                    .post("/scripts/validate")
                    .then()
                    .statusCode(422)
                    .body("violations.field", equalTo(List.of("script")));
        }
    }
}

package io.asyncjobs.job;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.archive;
import static io.asyncjobs.testsupport.Api.createJob;
import static io.asyncjobs.testsupport.Api.unique;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.Tokens;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@WithTestResource(DatabaseResource.class)
class JobsResourceTest {

    private static final int RARELY = 300;

    @Test
    void created_job_has_its_defaults_and_is_found_by_id_and_by_name() {
        String name = unique("Prüfe Abfragen");
        Response created = api().body(Map.of("name", "  " + name + " ", "script", "return 1"))
                .post("/jobs");

        String id = created.jsonPath().getString("id");
        created.then()
                .statusCode(201)
                .header("Location", endsWith("/api/v1/jobs/" + id))
                .body("name", equalTo(name))
                .body("pollIntervalSeconds", equalTo(60))
                .body("timeoutSeconds", equalTo(60))
                .body("parameters", equalTo(Map.of()))
                .body("associatedUser", nullValue())
                .body("archived", equalTo(false))
                .body("paused", equalTo(false))
                .body("revision", equalTo(1))
                .body("createdBy", equalTo("alice"))
                .body("script", equalTo("return 1"));
        for (String key : List.of(id, name, name.toUpperCase(Locale.ROOT))) {
            api().get("/jobs/{job}", key)
                    .then()
                    .statusCode(200)
                    .header("ETag", created.header("ETag"))
                    .body("id", equalTo(id));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "return 1\r\nreturn 2\r\n",
                "\uFEFFreturn 'with a byte order mark'",
                "return 'ä ö ü ß 💥'",
                "return 'no final newline'",
                "return 'final newline'\n"
            })
    void digests_are_of_the_exact_bytes(String script) throws Exception {
        byte[] bytes = script.getBytes(StandardCharsets.UTF_8);

        JsonPath job = createJob(RARELY, script);

        assertThat(job.getString("scriptMd5"))
                .isEqualTo(HexFormat.of()
                        .formatHex(MessageDigest.getInstance("MD5").digest(bytes)));
        assertThat(job.getString("scriptSha256"))
                .isEqualTo(HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
        byte[] read = api().get("/jobs/{job}/script", job.getString("id"))
                .then()
                .statusCode(200)
                .contentType("text/javascript")
                .extract()
                .asByteArray();
        assertThat(read).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "301", "-1", "1.5", "\"5\"", "1e400", "null", "true", "[]"})
    void interval_that_is_none_is_refused_by_name_and_stores_nothing(String interval) {
        String name = unique("interval");

        api().body("{\"name\":\"%s\",\"script\":\"return 1\",\"pollIntervalSeconds\":%s}".formatted(name, interval))
                .post("/jobs")
                .then()
                .statusCode(422)
                .contentType("application/problem+json")
                .body("violations.field", equalTo(List.of("pollIntervalSeconds")));

        api().get("/jobs/{job}", name).then().statusCode(404);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "name | {\"script\":\"return 1\"}",
                "script | {\"name\":\"%s\"}",
                "script | {\"name\":\"%s\",\"script\":\"\"}",
                "script | {\"name\":\"%s\",\"script\":\"if (\"}",
                "script | {\"name\":\"%s\",\"script\":\"}); (async function () {\"}",
                "surprise | {\"name\":\"%s\",\"script\":\"return 1\",\"surprise\":1}",
                "id | {\"name\":\"%s\",\"script\":\"return 1\",\"id\":\"01a20618-89f6-771b-966c-dbf3c3ce928d\"}",
                "createdBy | {\"name\":\"%s\",\"script\":\"return 1\",\"createdBy\":\"mallory\"}",
                "name | {\"name\":\"01a20618-89f6-771b-966c-dbf3c3ce928d\",\"script\":\"return 1\"}",
                "name | {\"name\":\" \",\"script\":\"return 1\"}",
                "associatedUser | {\"name\":\"%s\",\"script\":\"return 1\",\"associatedUser\":\"nobody here\"}",
                "timeoutSeconds | {\"name\":\"%s\",\"script\":\"return 1\",\"timeoutSeconds\":301}",
                "parameters | {\"name\":\"%s\",\"script\":\"return 1\",\"parameters\":[]}"
            })
    void what_is_wrong_is_named_and_nothing_is_stored(String field, String draft) {
        String name = unique("wrong");
        int before = total();

        api().body(draft.replace("%s", name))
                .post("/jobs")
                .then()
                .statusCode(422)
                .body("violations.field", hasItem(field));

        assertThat(total()).isEqualTo(before);
    }

    @Test
    void script_that_does_not_parse_is_refused_with_its_own_line_and_column() {
        api().body(Map.of("name", unique("broken"), "script", "const a = 1;\nreturn a +* 2;"))
                .post("/jobs")
                .then()
                .statusCode(422)
                .body("violations[0].field", equalTo("script"))
                .body("violations[0].message", containsString("line 2, column 11"));
    }

    @Test
    void name_is_unique_whatever_its_case_and_form_and_also_against_archived_jobs() {
        String name = unique("Café");
        String id = createJob(RARELY, "return 1", Map.of("name", name)).getString("id");
        archive(id);

        api().body(Map.of("name", name.toUpperCase(Locale.ROOT).replace("É", "E\u0301"), "script", "return 2"))
                .post("/jobs")
                .then()
                .statusCode(409)
                .body("type", endsWith("#name-taken"));
    }

    @Test
    void inactive_account_is_not_taken_for_a_job_and_a_job_that_has_one_can_still_be_edited() {
        String user = unique("leaver");
        api().body(Map.of("username", user)).post("/accounts").then().statusCode(201);
        String job = createJob(RARELY, "return user.username", Map.of("associatedUser", user))
                .getString("id");
        api().body(Map.of("username", user, "active", false))
                .put("/accounts/{user}", user)
                .then()
                .statusCode(200);

        for (Map<String, Object> patch : List.<Map<String, Object>>of(
                Map.of("associatedUser", user), Map.of("associatedUser", user, "description", "changed"))) {
            api().header("If-Match", "*")
                    .contentType("application/merge-patch+json")
                    .body(patch)
                    .patch("/jobs/{job}", job)
                    .then()
                    .statusCode(422)
                    .body("violations.field", equalTo(List.of("associatedUser")));
        }
        api().header("If-Match", "*")
                .contentType("application/merge-patch+json")
                .body(Map.of("description", "changed"))
                .patch("/jobs/{job}", job)
                .then()
                .statusCode(200)
                .body("description", equalTo("changed"))
                .body("associatedUser", equalTo(user));
    }

    @Test
    void replacement_changes_the_associated_user_only_where_it_is_sent() {
        String user = unique("keeper");
        api().body(Map.of("username", user)).post("/accounts").then().statusCode(201);
        JsonPath job = createJob(RARELY, "return 1", Map.of("associatedUser", user));
        String silent = "{\"name\":\"%s\",\"script\":\"return 2\"}".formatted(job.getString("name"));

        replace(job, silent).then().body("associatedUser", equalTo(user));
        replace(job, silent.replace("}", ",\"associatedUser\":null}")).then().body("associatedUser", nullValue());
    }

    private static Response replace(JsonPath job, String body) {
        Response replaced = api().header("If-Match", "*").body(body).put("/jobs/{job}", job.getString("id"));
        replaced.then().statusCode(200);
        return replaced;
    }

    @Test
    void change_needs_the_tag_last_read() {
        JsonPath job = createJob(RARELY, "return 1");
        String id = job.getString("id");
        String tag = api().get("/jobs/{job}", id).header("ETag");
        Map<String, Object> wanted = Map.of("name", job.getString("name"), "script", "return 2");

        api().body(wanted).put("/jobs/{job}", id).then().statusCode(428);
        api().header("If-Match", "\"another\"")
                .body(wanted)
                .put("/jobs/{job}", id)
                .then()
                .statusCode(412);
        String newTag = api().header("If-Match", tag)
                .body(wanted)
                .put("/jobs/{job}", id)
                .then()
                .statusCode(200)
                .body("revision", equalTo(2))
                .body("script", equalTo("return 2"))
                .extract()
                .header("ETag");
        assertThat(newTag).isNotEqualTo(tag);
        api().header("If-Match", tag).post("/jobs/{job}/archive", id).then().statusCode(412);
    }

    @Test
    void change_without_effect_makes_no_revision() {
        JsonPath job = createJob(RARELY, "return 1");

        api().header("If-Match", "*")
                .body(Map.of("name", job.getString("name"), "script", "return 1", "pollIntervalSeconds", RARELY))
                .put("/jobs/{job}", job.getString("id"))
                .then()
                .statusCode(200)
                .body("revision", equalTo(1))
                .body("updatedAt", equalTo(job.getString("updatedAt")));
    }

    @Test
    void merge_patch_changes_what_it_names_and_nothing_else() {
        JsonPath job =
                createJob(RARELY, "return params", Map.of("parameters", Map.of("a", 1, "b", 2), "description", "old"));

        api().header("If-Match", "*")
                .contentType("application/merge-patch+json")
                .body("{\"parameters\":{\"a\":null,\"c\":3},\"description\":null}")
                .patch("/jobs/{job}", job.getString("id"))
                .then()
                .statusCode(200)
                .body("parameters", equalTo(Map.of("b", 2, "c", 3)))
                .body("description", nullValue())
                .body("script", equalTo("return params"))
                .body("pollIntervalSeconds", equalTo(RARELY));
    }

    @Test
    void of_a_hundred_changes_based_on_one_state_exactly_one_wins() throws Exception {
        JsonPath job = createJob(RARELY, "return 0");
        String tag = api().get("/jobs/{job}", job.getString("id")).header("ETag");

        List<Integer> answers = atOnce(100, n -> api().header("If-Match", tag)
                .body(Map.of("name", job.getString("name"), "script", "return " + n))
                .put("/jobs/{job}", job.getString("id"))
                .statusCode());

        assertThat(answers).filteredOn(status -> status == 200).hasSize(1);
        assertThat(answers).filteredOn(status -> status == 412).hasSize(99);
    }

    @Test
    void of_a_hundred_equal_creates_exactly_one_wins() throws Exception {
        String name = unique("race");

        List<Integer> answers = atOnce(100, n -> api().body(Map.of("name", name, "script", "return 1"))
                .post("/jobs")
                .statusCode());

        assertThat(answers).filteredOn(status -> status == 201).hasSize(1);
        assertThat(answers).filteredOn(status -> status == 409).hasSize(99);
    }

    @Test
    void archived_job_stays_in_the_list_unless_asked_otherwise() {
        String name = unique("kept");
        String id = createJob(RARELY, "return 1", Map.of("name", name)).getString("id");
        archive(id);

        api().queryParam("name", name).get("/jobs").then().body("items.archived", equalTo(List.of(true)));
        api().queryParam("name", name)
                .queryParam("archived", "false")
                .get("/jobs")
                .then()
                .body("items", hasSize(0))
                .body("total", equalTo(0));
        api().queryParam("name", name)
                .queryParam("archived", "maybe")
                .get("/jobs")
                .then()
                .statusCode(400);
    }

    @Test
    void archive_takes_a_request_without_body_and_media_type_and_one_with_a_reason() {
        String id = createJob(RARELY, "return 1").getString("id");

        given().auth()
                .oauth2(Tokens.superadmin("alice"))
                .noContentType()
                .header("If-Match", "*")
                .post("/api/v1/jobs/{job}/archive", id)
                .then()
                .statusCode(200)
                .body("archived", equalTo(true));
        api().header("If-Match", "*")
                .body("{\"reason\":\"needed again\"}")
                .post("/jobs/{job}/unarchive", id)
                .then()
                .statusCode(200)
                .body("archived", equalTo(false));
        api().header("If-Match", "*")
                .body("{\"because\":\"a typo\"}")
                .post("/jobs/{job}/archive", id)
                .then()
                .statusCode(422)
                .body("violations.field", equalTo(List.of("because")));
    }

    @Test
    void script_is_replaced_by_the_bytes_of_a_file_and_nothing_else_changes() throws Exception {
        JsonPath job = createJob(RARELY, "return 1", Map.of("parameters", Map.of("a", 1)));
        byte[] source = "\uFEFFreturn 'ä';\r\n// no final newline".getBytes(StandardCharsets.UTF_8);

        HttpResponse<Void> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + RestAssured.port + "/api/v1/jobs/"
                                        + job.getString("id") + "/script"))
                                .PUT(HttpRequest.BodyPublishers.ofByteArray(source))
                                .header("Authorization", "Bearer " + Tokens.superadmin("alice"))
                                .header("If-Match", "*")
                                // As curl --data-binary names it
                                .header("Content-Type", "application/x-www-form-urlencoded")
                                .build(),
                        HttpResponse.BodyHandlers.discarding());

        assertThat(answer.statusCode()).isEqualTo(200);
        api().get("/jobs/{job}", job.getString("id"))
                .then()
                .body("revision", equalTo(2))
                .body("parameters", equalTo(Map.of("a", 1)))
                .body("pollIntervalSeconds", equalTo(RARELY));
        assertThat(api().get("/jobs/{job}/script", job.getString("id")).asByteArray())
                .isEqualTo(source);
        api().contentType("text/javascript")
                .body(source)
                .put("/jobs/{job}/script", job.getString("id"))
                .then()
                .statusCode(428);
        for (byte[] wrong : List.of(
                new byte[] {(byte) 0xC3}, "return (".getBytes(StandardCharsets.UTF_8), new byte[1024 * 1024 + 1])) {
            api().contentType("text/javascript")
                    .header("If-Match", "*")
                    .body(wrong)
                    .put("/jobs/{job}/script", job.getString("id"))
                    .then()
                    .statusCode(422)
                    .body("violations.field", equalTo(List.of("script")));
        }
    }

    @Test
    void job_that_the_reader_has_already_is_not_sent_again() {
        String id = createJob(RARELY, "return 1").getString("id");
        String tag = api().get("/jobs/{job}", id).header("ETag");

        api().header("If-None-Match", tag).get("/jobs/{job}", id).then().statusCode(304);
        api().header("If-None-Match", "\"another\"")
                .get("/jobs/{job}", id)
                .then()
                .statusCode(200);
    }

    @Test
    void filter_takes_wildcards_and_quotes_as_text() {
        createJob(RARELY, "return 1");

        for (String name : List.of("%", "_", "' or '1'='1", "\\", "\u0001")) {
            api().queryParam("name", name).get("/jobs").then().statusCode(200).body("items", hasSize(0));
        }
        api().queryParam("sort", "name;drop table job")
                .get("/jobs")
                .then()
                .statusCode(400)
                .body("violations.field", equalTo(List.of("sort")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " \n"})
    void blank_script_is_refused_also_when_it_is_sent_alone(String script) {
        String id = createJob(RARELY, "return 1").getString("id");

        api().contentType("text/javascript")
                .header("If-Match", "*")
                .body(script.getBytes(StandardCharsets.UTF_8))
                .put("/jobs/{job}/script", id)
                .then()
                .statusCode(422)
                .body("violations.field", equalTo(List.of("script")));
        api().get("/jobs/{job}", id).then().body("revision", equalTo(1)).body("script", equalTo("return 1"));
    }

    @Test
    void list_is_sorted_and_paged_and_holds_no_script() {
        String prefix = unique("page");
        for (int i = 0; i < 5; i++) {
            createJob(RARELY, "return " + i, Map.of("name", prefix + "-" + i));
        }

        api().queryParams(Map.of("name", prefix, "size", 2, "page", 1, "sort", "-name"))
                .get("/jobs")
                .then()
                .statusCode(200)
                .body("items.name", equalTo(List.of(prefix + "-2", prefix + "-1")))
                .body("total", equalTo(5))
                .body("items[0].script", nullValue())
                .body("items[0].keySet()", not(hasItem("parameters")));
    }

    @Test
    void unknown_job_is_not_found_on_every_call() {
        api().get("/jobs/{job}", "no such job").then().statusCode(404);
        api().get("/jobs/{job}/script", "no such job").then().statusCode(404);
        api().get("/jobs/{job}/runs", "no such job").then().statusCode(404);
        api().get("/jobs/{job}/ticks", "no such job").then().statusCode(404);
        api().post("/jobs/{job}/runs", "no such job").then().statusCode(404);
        api().header("If-Match", "*")
                .post("/jobs/{job}/archive", "01a20618-89f6-771b-966c-dbf3c3ce928d")
                .then()
                .statusCode(404);
    }

    private interface Numbered {
        int call(int number);
    }

    private static List<Integer> atOnce(int times, Numbered call) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(times)) {
            List<Callable<Integer>> calls = new ArrayList<>();
            for (int i = 0; i < times; i++) {
                int number = i;
                calls.add(() -> call.call(number));
            }
            List<Integer> answers = new ArrayList<>();
            for (Future<Integer> answer : threads.invokeAll(calls)) {
                answers.add(answer.get());
            }
            return answers;
        }
    }

    private static int total() {
        return api().get("/jobs").jsonPath().getInt("total");
    }
}

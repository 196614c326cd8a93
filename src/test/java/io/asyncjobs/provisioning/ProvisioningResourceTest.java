package io.asyncjobs.provisioning;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.createJob;
import static io.asyncjobs.testsupport.Api.exactApi;
import static io.asyncjobs.testsupport.Api.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasSize;

import io.asyncjobs.testsupport.DatabaseResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@QuarkusTest
@WithTestResource(DatabaseResource.class)
class ProvisioningResourceTest {

    @Inject
    Jdbi jdbi;

    private static final String YAML = "application/yaml";

    @Test
    void plan_changes_nothing_and_apply_does_what_it_says_once() {
        String user = unique("user");
        String connection = unique("connection");
        String job = unique("job");
        String manifest = """
                reason: first jobs
                reference: OPS-7
                accounts:
                  - username: %s
                    kind: system
                connections:
                  - name: %s
                    http:
                      baseUrl: https://clinical.example.com/api
                jobs:
                  - name: %s
                    pollIntervalSeconds: 120
                    associatedUser: %s
                    parameters: {dose: 1.10, no: on, at: 2026-01-01, octal: 0o17, big: 1e3}
                    script: |
                      log.info('a');
                      return 1;
                """.formatted(user, connection, job, user);

        Response plan = manifest(manifest).post("/provisioning/plan");

        plan.then()
                .statusCode(200)
                .body("pending", equalTo(3))
                .body("changes.kind", equalTo(List.of("account", "connection", "job")))
                .body("changes.action", equalTo(List.of("create", "create", "create")));
        api().get("/jobs/{job}", job).then().statusCode(404);

        manifest(manifest)
                .queryParam("plan", plan.jsonPath().getString("hash"))
                .post("/provisioning/apply")
                .then()
                .statusCode(200);

        String stored = exactApi().get("/jobs/{job}", job).asString();
        assertThat(stored)
                .contains("\"parameters\":{\"dose\":1.10,\"no\":\"on\",\"at\":\"2026-01-01\",\"octal\":15,\"big\":1e3}")
                .contains("\"script\":\"log.info('a');\\nreturn 1;\\n\"")
                .contains("\"associatedUser\":\"" + user + "\"");
        api().queryParam("entityType", "job")
                .queryParam("entity", job)
                .get("/audit")
                .then()
                .body("items", hasSize(1))
                .body("items[0].reason", equalTo("first jobs (OPS-7)"));

        Response again = manifest(manifest).post("/provisioning/plan");
        again.then().body("pending", equalTo(0)).body("changes.action", equalTo(List.of("none", "none", "none")));
        manifest(manifest)
                .queryParam("plan", again.jsonPath().getString("hash"))
                .post("/provisioning/apply")
                .then()
                .statusCode(200);
        api().get("/jobs/{job}", job).then().body("revision", equalTo(1));
    }

    @Test
    void job_of_an_inactive_account_comes_along_with_it() {
        String user = unique("leaver");
        String job = unique("left");
        String manifest = """
                accounts:
                - username: %s
                  active: false
                jobs:
                - name: %s
                  associatedUser: %s
                  script: return 1
                """.formatted(user, job, user);

        apply(manifest, manifest(manifest).post("/provisioning/plan"));

        api().get("/jobs/{job}", job).then().body("blocked", equalTo("account-inactive"));
        manifest(manifest).post("/provisioning/plan").then().statusCode(200).body("pending", equalTo(0));
        manifest(manifest.substring(manifest.indexOf("jobs:")).replace(job, unique("new")))
                .post("/provisioning/plan")
                .then()
                .statusCode(422)
                .body("violations.field", equalTo(List.of("jobs[0].associatedUser")));
    }

    @Test
    void change_of_several_fields_and_archiving_is_one_revision() {
        String job = unique("job");
        createJob(300, "return 1", Map.of("name", job));
        String manifest = """
                jobs:
                - name: %s
                  archived: true
                  pollIntervalSeconds: 299
                  script: |-
                    return 2
                """.formatted(job);

        Response plan = manifest(manifest).post("/provisioning/plan");

        plan.then()
                .statusCode(200)
                .body("changes[0].action", equalTo("archive"))
                .body("changes[0].fields.path", equalTo(List.of("archived", "pollIntervalSeconds", "script")))
                .body("changes[0].fields[2].diff", containsString("-return 1"));
        apply(manifest, plan);
        api().get("/jobs/{job}", job)
                .then()
                .body("archived", equalTo(true))
                .body("revision", equalTo(2))
                .body("script", equalTo("return 2"));
    }

    @Test
    void apply_of_another_state_or_manifest_is_refused_with_the_new_plan() {
        String job = unique("job");
        createJob(300, "return 1", Map.of("name", job));
        String manifest = "jobs: [{name: %s, script: return 2}]".formatted(job);
        Response plan = manifest(manifest).post("/provisioning/plan");
        api().header("If-Match", "*")
                .contentType("text/javascript")
                .body("return 3")
                .put("/jobs/{job}/script", job)
                .then()
                .statusCode(200);

        manifest(manifest)
                .queryParam("plan", plan.jsonPath().getString("hash"))
                .post("/provisioning/apply")
                .then()
                .statusCode(409)
                .contentType("application/problem+json")
                .body("type", equalTo("https://asyncjobs.io/problems#other-plan"))
                .body("plan.changes[0].fields.find { it.path == 'script' }.diff", containsString("-return 3"));
        api().get("/jobs/{job}", job).then().body("script", equalTo("return 3"));

        Response fresh = manifest(manifest).post("/provisioning/plan");
        manifest(manifest.replace("return 2", "return 4"))
                .queryParam("plan", fresh.jsonPath().getString("hash"))
                .post("/provisioning/apply")
                .then()
                .statusCode(409);
    }

    @Test
    void of_two_applies_at_once_one_wins() throws Exception {
        String job = unique("job");
        List<String> manifests = List.of(
                "jobs: [{name: %s, script: return 1}]".formatted(job),
                "jobs: [{name: %s, script: return 2}]".formatted(job));
        List<Callable<Integer>> applies = manifests.stream()
                .map(manifest -> {
                    Response plan = manifest(manifest).post("/provisioning/plan");
                    return (Callable<Integer>) () -> manifest(manifest)
                            .queryParam("plan", plan.jsonPath().getString("hash"))
                            .post("/provisioning/apply")
                            .statusCode();
                })
                .toList();

        try (var executor = Executors.newFixedThreadPool(2)) {
            List<Integer> statuses = executor.invokeAll(applies).stream()
                    .map(Future::resultNow)
                    .sorted()
                    .toList();
            assertThat(statuses).containsExactly(200, 409);
        }
    }

    @Test
    void mistakes_are_said_at_once_with_line_and_column() {
        String manifest = """
                environment: nowhere
                colour: red
                accounts:
                  - displayName: Nobody
                  - username: a
                    kind: robot
                connections:
                  - name: c
                    secret: hunter2
                    http: {baseUrl: "ftp://x"}
                jobs:
                  - name: one
                    pollIntervalSeconds: 301
                    script: return 1 +
                  - name: ONE
                    script: return 1
                  - name: two
                  - name: three
                    scriptFile: three.js
                    script: return 3
                  - name: four
                    reason: because
                    script: return 4
                  - name: five
                    associatedUser: nobody-at-all
                    script: return 5
                """;

        Response answer = manifest(manifest).post("/provisioning/plan");

        answer.then().statusCode(422);
        List<Map<String, Object>> violations = answer.jsonPath().getList("violations");
        assertThat(violations.stream().map(v -> v.get("field") + " " + v.get("line") + ":" + v.get("column")))
                .containsExactly(
                        "environment 1:14",
                        "colour 2:9",
                        "accounts[0].username 4:5",
                        "accounts[1].kind 6:11",
                        "connections[0].secret 9:13",
                        "connections[0].http.baseUrl 10:21",
                        "jobs[0].pollIntervalSeconds 13:26",
                        "jobs[0].script 14:13",
                        "jobs[1].name 15:11",
                        "jobs[2].script 17:5",
                        "jobs[3].scriptFile 19:17",
                        "jobs[4].reason 22:13",
                        "jobs[5].associatedUser 25:21");
    }

    @Test
    void zip_holds_manifest_and_scripts_byte_for_byte() throws IOException {
        String job = unique("job");
        byte[] script = "\uFEFFreturn 1; \r\n\r\n".getBytes(StandardCharsets.UTF_8);
        byte[] zip = zip(Map.of(
                "jobs.yaml",
                "jobs: [{name: %s, scriptFile: scripts/a.js}]".formatted(job).getBytes(StandardCharsets.UTF_8),
                "scripts/a.js",
                script));

        Response plan = exactApi().contentType("application/zip").body(zip).post("/provisioning/plan");
        plan.then().statusCode(200);
        exactApi()
                .contentType("application/zip")
                .body(zip)
                .queryParam("plan", plan.jsonPath().getString("hash"))
                .post("/provisioning/apply")
                .then()
                .statusCode(200);

        assertThat(api().get("/jobs/{job}/script", job).asByteArray()).isEqualTo(script);
    }

    @Test
    void zip_that_leads_outside_is_refused() throws IOException {
        byte[] zip = zip(Map.of("jobs.yaml", "jobs: []".getBytes(StandardCharsets.UTF_8), "../x", new byte[1]));

        exactApi()
                .contentType("application/zip")
                .body(zip)
                .post("/provisioning/plan")
                .then()
                .statusCode(400)
                .body("detail", containsString("leads outside"));
    }

    @ParameterizedTest
    @MethodSource
    void manifest_that_is_small_and_stands_for_much_is_refused(String type, String manifest) {
        exactApi()
                .contentType(type)
                .body(manifest.getBytes(StandardCharsets.UTF_8))
                .post("/provisioning/plan")
                .then()
                .statusCode(400)
                .body("line", greaterThan(0));
    }

    static Stream<Arguments> manifest_that_is_small_and_stands_for_much_is_refused() {
        String many = "{k: v}, ".repeat(1_000);
        return Stream.of(
                Arguments.of(
                        YAML, "a: &a [%s]\nb: &b [%s]\nc: [%s]".formatted(many, "*a, ".repeat(50), "*b, ".repeat(99))),
                Arguments.of(YAML, "&a [".repeat(90) + "x".repeat(100_000) + "]".repeat(90)),
                Arguments.of(YAML, "a: [" + "{},".repeat(300_000) + "]"),
                Arguments.of("application/json", "{\"a\": [" + "{},".repeat(300_000) + "0]}"),
                Arguments.of(YAML, "a: " + "[".repeat(100_000)),
                Arguments.of(YAML, "a: !!java.net.URL x"),
                Arguments.of(YAML, "a: &a [*a]"),
                Arguments.of(YAML, "a: 1\n---\nb: 2"),
                Arguments.of(YAML, "a: .inf"));
    }

    @Test
    void base64_that_is_none_is_refused_and_not_guessed() {
        manifest("jobs: [{name: %s, scriptBase64: 'cmV0dXJu*IDE='}]".formatted(unique("job")))
                .post("/provisioning/plan")
                .then()
                .statusCode(422)
                .body("violations[0].field", equalTo("jobs[0].scriptBase64"));
    }

    @Test
    void secret_that_the_connection_has_stays() {
        String connection = unique("connection");
        exactApi()
                .header("If-None-Match", "*")
                .body(Map.of(
                        "http",
                        Map.of("baseUrl", "https://x.example.com", "authentication", Map.of("type", "bearer")),
                        "secret",
                        "s3cret"))
                .put("/connections/{name}", connection)
                .then()
                .statusCode(201);
        String manifest = """
                connections:
                - name: %s
                  description: other
                  secretRef: %s
                  http: {baseUrl: "https://x.example.com", authentication: {type: bearer}}
                """.formatted(connection, connection);

        Response plan = manifest(manifest).post("/provisioning/plan");

        plan.then().statusCode(200).body("changes[0].fields.path", equalTo(List.of("description")));
        apply(manifest, plan);
        api().get("/connections/{name}", connection)
                .then()
                .body("hasSecret", equalTo(true))
                .body("description", equalTo("other"));
    }

    @Test
    void secret_that_is_not_set_is_a_violation() {
        String manifest = """
                connections:
                - name: %s
                  secretRef: nowhere
                  http: {baseUrl: "https://x.example.com", authentication: {type: bearer}}
                """.formatted(unique("connection"));

        manifest(manifest)
                .post("/provisioning/plan")
                .then()
                .statusCode(422)
                .body("violations[0].field", equalTo("connections[0].secretRef"))
                .body("violations[0].line", equalTo(3));
    }

    @Test
    void plan_is_a_text_and_markdown_too() {
        String manifest = "jobs: [{name: %s, script: return 1}]".formatted(unique("job"));

        String text = manifest(manifest)
                .accept("text/plain")
                .post("/provisioning/plan")
                .asString();
        String markdown = manifest(manifest)
                .accept("text/markdown")
                .post("/provisioning/plan")
                .asString();

        assertThat(text).contains("+ job ").contains("1 to create");
        assertThat(markdown).startsWith("### Plan for ").contains("```diff");
    }

    @Test
    void jobs_by_the_hundred_are_saved_with_one_revision_and_one_event_each() {
        String prefix = unique("many");
        String manifest = many(prefix, 230, 300, false);
        apply(manifest, manifest(manifest).post("/provisioning/plan"));

        // No job has a tick from before the others were there
        assertThat(schedules(prefix)).hasSize(1);
        String changed = many(prefix, 230, 290, true);
        Response plan = manifest(changed).post("/provisioning/plan");
        plan.then().body("pending", equalTo(230)).body("changes.action.unique()", equalTo(List.of("archive")));
        apply(changed, plan);

        int savedTwice = jdbi.withHandle(handle -> handle.createQuery("""
                                select count(*) from job j
                                where name_key like :prefix || '%' and revision = 2 and archived
                                    and poll_interval_seconds = 290
                                    and (select count(*) from job_revision r where r.job_id = j.id) = 2
                                    and (select count(*) from audit_waiting e where e.job_id = j.id)
                                        + (select count(*) from audit_event e where e.job_id = j.id) = 2
                                """)
                .bind("prefix", prefix)
                .mapTo(Integer.class)
                .one());

        assertThat(savedTwice).isEqualTo(230);
        manifest(changed).post("/provisioning/plan").then().body("pending", equalTo(0));
    }

    private List<OffsetDateTime> schedules(String prefix) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select distinct schedule_changed_at from job where name_key like :prefix || '%'")
                .bind("prefix", prefix)
                .mapTo(OffsetDateTime.class)
                .list());
    }

    private static String many(String prefix, int count, int seconds, boolean archived) {
        return IntStream.range(0, count)
                .mapToObj(number -> "- {name: %s-%d, pollIntervalSeconds: %d, archived: %s, script: 'return %d;'}\n"
                        .formatted(prefix, number, seconds, archived, number / 2))
                .collect(Collectors.joining("", "jobs:\n", ""));
    }

    private static RequestSpecification manifest(String text) {
        return exactApi().contentType(YAML).body(text.getBytes(StandardCharsets.UTF_8));
    }

    private static void apply(String manifest, Response plan) {
        manifest(manifest)
                .queryParam("plan", plan.jsonPath().getString("hash"))
                .post("/provisioning/apply")
                .then()
                .statusCode(200);
    }

    private static byte[] zip(Map<String, byte[]> files) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(file.getValue());
                zip.closeEntry();
            }
        }
        return bytes.toByteArray();
    }
}

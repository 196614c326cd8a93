package io.asyncjobs.provisioning;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.exactApi;
import static io.asyncjobs.testsupport.Api.unique;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.TestCertificates;
import io.asyncjobs.testsupport.Tokens;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plans under four eyes. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
@TestProfile(SealedPlansTest.FourEyes.class)
class SealedPlansTest {

    /** Approval is off unless it is asked for. Secrets lie in a folder. */
    public static class FourEyes implements QuarkusTestProfile {

        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "asyncjobs.provisioning.approval-required",
                    "true",
                    "asyncjobs.provisioning.secrets-directory",
                    SECRETS.toString());
        }
    }

    private static final Path SECRETS = Path.of("target", "test-secrets").toAbsolutePath();

    @Inject
    Jdbi jdbi;

    @Test
    void plan_is_applied_only_when_somebody_else_has_approved_it() {
        String job = unique("sealed");
        String manifest = manifest(job, "const s = 'top < secret';\nreturn 1.10;\n");
        String hash = planned(manifest);

        apply(manifest, hash).then().statusCode(409).body("type", endsWith("#plan-not-approved"));
        api().body(Map.of("reason", "mine"))
                .post("/provisioning/plans/{hash}/approve", hash)
                .then()
                .statusCode(409)
                .body("type", endsWith("#own-plan"));
        as("bob")
                .body(Map.of())
                .post("/provisioning/plans/{hash}/approve", hash)
                .then()
                .statusCode(422);
        as("bob")
                .body(Map.of("reason", "reviewed"))
                .post("/provisioning/plans/{hash}/approve", hash)
                .then()
                .statusCode(200)
                .body("state", equalTo("approved"))
                .body("plan.changes[0].fields.path", hasItem("script"));
        api().get("/jobs/{job}", job).then().statusCode(404);

        apply(manifest.replace("1.10", "1.11"), hash).then().statusCode(409).body("type", endsWith("#other-plan"));
        apply(manifest, hash).then().statusCode(200);

        api().get("/jobs/{job}", job).then().statusCode(200);
        api().get("/provisioning/plans/{hash}", hash)
                .then()
                .body("state", equalTo("applied"))
                .body("plannedBy", equalTo("alice"))
                .body("approvedBy", equalTo("bob"))
                .body("approvalReason", equalTo("reviewed"))
                .body("appliedBy", equalTo("alice"))
                .body("plan.hash", equalTo(hash));
        as("carol")
                .queryParam("entityType", "plan")
                .queryParam("entity", hash)
                .queryParam("sort", "seq")
                .get("/audit")
                .then()
                .body("items.action", equalTo(List.of("plan", "approve", "apply")))
                .body("items.actor", equalTo(List.of("alice", "bob", "alice")))
                .body("items.reason", equalTo(List.of("a release (OPS-1)", "reviewed", "a release (OPS-1)")));
    }

    @Test
    void list_names_the_plans_and_not_what_they_change() {
        String hash = planned(manifest(unique("listed"), "return 1"));

        api().get("/provisioning/plans")
                .then()
                .statusCode(200)
                .body("items[0].hash", equalTo(hash))
                .body("items[0].state", equalTo("waiting"))
                .body("items[0].plan", nullValue());
        api().get("/provisioning/plans/{hash}", "0".repeat(64)).then().statusCode(404);
    }

    @Test
    void approval_ends_after_a_time_and_the_plan_can_be_planned_anew() {
        String manifest = manifest(unique("late"), "return 1");
        String hash = planned(manifest);
        as("bob")
                .body(Map.of("reason", "soon"))
                .post("/provisioning/plans/{hash}/approve", hash)
                .then()
                .statusCode(200);
        jdbi.useHandle(handle -> handle.execute(
                "update sealed_plan set expires_at = clock_timestamp() - interval '1 second' where hash = ?", hash));

        apply(manifest, hash)
                .then()
                .statusCode(409)
                .body("type", endsWith("#plan-not-approved"))
                .body("detail", containsString("expired"));
        as("bob")
                .body(Map.of("reason", "again"))
                .post("/provisioning/plans/{hash}/approve", hash)
                .then()
                .statusCode(409)
                .body("type", endsWith("#plan-not-waiting"));

        assertThat(planned(manifest)).isEqualTo(hash);
        api().get("/provisioning/plans/{hash}", hash)
                .then()
                .body("state", equalTo("waiting"))
                .body("approvedBy", nullValue());
    }

    @Test
    void what_changes_nothing_needs_no_approval() {
        Response plan = body("jobs: []\nreason: nothing\n").post("/provisioning/plan");

        plan.then().statusCode(200).body("pending", equalTo(0));
        apply("jobs: []\nreason: nothing\n", plan.path("hash")).then().statusCode(200);
        api().get("/provisioning/plans/{hash}", plan.<String>path("hash"))
                .then()
                .statusCode(404);
    }

    @Test
    void author_stays_who_planned_first_and_the_plan_is_stored_encrypted() {
        String manifest = manifest(unique("first"), "const s = 'top secret'; return s;");
        String hash = planned(manifest);
        as("bob")
                .contentType("application/yaml")
                .body(manifest.getBytes(StandardCharsets.UTF_8))
                .post("/provisioning/plan")
                .then()
                .statusCode(200);

        api().get("/provisioning/plans/{hash}", hash).then().body("plannedBy", equalTo("alice"));
        byte[] stored = jdbi.withHandle(handle -> handle.createQuery("select content from sealed_plan where hash = ?")
                .bind(0, hash)
                .mapTo(byte[].class)
                .one());
        assertThat(new String(stored, StandardCharsets.ISO_8859_1)).doesNotContain("top secret", "pending");
    }

    @Test
    void secret_of_a_connection_comes_from_a_file_and_is_shown_nowhere() throws IOException {
        String connection = unique("clinical-api");
        Path file = Files.createDirectories(SECRETS).resolve(connection);
        Files.writeString(file, "s3cret-of-the-folder\n");
        String manifest = """
                reason: a release
                connections:
                - name: %1$s
                  secretRef: %1$s
                  http: {baseUrl: "https://x.example.com", authentication: {type: bearer}}
                """.formatted(connection);

        String hash = planned(manifest);
        as("bob")
                .body(Map.of("reason", "reviewed"))
                .post("/provisioning/plans/{hash}/approve", hash)
                .then()
                .statusCode(200)
                .body(not(containsString("s3cret")));
        apply(manifest, hash).then().statusCode(200).body(not(containsString("s3cret")));

        api().get("/connections/{name}", connection).then().body("hasSecret", equalTo(true));
        body(manifest).post("/provisioning/plan").then().body("pending", equalTo(0));
        Files.writeString(file, "another-s3cret\n");
        body(manifest)
                .post("/provisioning/plan")
                .then()
                .body("changes[0].fields.path", equalTo(List.of("secret")))
                .body(not(containsString("s3cret")));
    }

    @Test
    void client_key_and_further_secrets_are_named_too(@TempDir Path folder) throws Exception {
        TestCertificates certificates = TestCertificates.make(folder, 20);
        String connection = unique("lab-api");
        String manifest = """
                reason: a release
                connections:
                - name: %1$s
                  http: {baseUrl: "https://x.example.com"}
                  tls:
                    clientCertificate: |
                      %2$s
                  clientKeyRef: %1$s.client-key
                  secretRefs: {webhook: %1$s.secret.webhook}
                """.formatted(
                        connection, certificates.certificate("client").strip().replace("\n", "\n      "));
        body(manifest)
                .post("/provisioning/plan")
                .then()
                .statusCode(422)
                .body(
                        "violations.field",
                        equalTo(List.of("connections[0].clientKeyRef", "connections[0].secretRefs.webhook")));
        Files.createDirectories(SECRETS);
        Files.writeString(SECRETS.resolve(connection + ".client-key"), certificates.key("client"));
        Files.writeString(SECRETS.resolve(connection + ".secret.webhook"), "s3cret-of-the-webhook\n");

        String hash = planned(manifest);
        as("bob")
                .body(Map.of("reason", "reviewed"))
                .post("/provisioning/plans/{hash}/approve", hash)
                .then()
                .statusCode(200);
        apply(manifest, hash).then().statusCode(200).body(not(containsString("s3cret")));

        api().get("/connections/{name}", connection)
                .then()
                .body("hasClientKey", equalTo(true))
                .body("secretNames", equalTo(List.of("webhook")));
        body(manifest).post("/provisioning/plan").then().body("pending", equalTo(0));
        Files.delete(SECRETS.resolve(connection + ".client-key"));
        Files.writeString(SECRETS.resolve(connection + ".secret.webhook"), "another-s3cret\n");
        body(manifest)
                .post("/provisioning/plan")
                .then()
                .body("changes[0].fields.path", equalTo(List.of("secrets")))
                .body("changes[0].fields[0].to.webhook", equalTo("replaced"))
                .body(not(containsString("s3cret")));
        api().accept("application/yaml")
                .get("/provisioning/export")
                .then()
                .body(containsString("clientKeyRef: " + connection + ".client-key"))
                .body(containsString("webhook: " + connection + ".secret.webhook"));
    }

    private static String manifest(String job, String script) {
        return "reason: a release\nreference: OPS-1\njobs:\n- name: %s\n  pollIntervalSeconds: 300\n  script: |\n    %s\n"
                .formatted(job, script.strip().replace("\n", "\n    "));
    }

    private static String planned(String manifest) {
        return body(manifest)
                .post("/provisioning/plan")
                .then()
                .statusCode(200)
                .extract()
                .path("hash");
    }

    private static Response apply(String manifest, String hash) {
        return body(manifest).queryParam("plan", hash).post("/provisioning/apply");
    }

    private static RequestSpecification body(String manifest) {
        return exactApi().contentType("application/yaml").body(manifest.getBytes(StandardCharsets.UTF_8));
    }

    private static RequestSpecification as(String user) {
        return given().auth()
                .oauth2(Tokens.superadmin(user))
                .contentType(ContentType.JSON)
                .basePath("/api/v1");
    }
}

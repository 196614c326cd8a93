package io.asyncjobs.provisioning;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.createJob;
import static io.asyncjobs.testsupport.Api.exactApi;
import static io.asyncjobs.testsupport.Api.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.asyncjobs.testsupport.DatabaseResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(DatabaseResource.class)
class ExportTest {

    private static final String YAML = "application/yaml";

    @Test
    void export_planned_where_it_comes_from_changes_nothing() {
        createJob(300, "// no\r\nreturn 1", Map.of("parameters", Map.of("no", "no", "list", List.of())));

        for (String type : List.of(YAML, "application/json", "application/zip")) {
            byte[] manifest =
                    exactApi().accept(type).get("/provisioning/export").asByteArray();

            exactApi()
                    .contentType(type)
                    .body(manifest)
                    .post("/provisioning/plan")
                    .then()
                    .statusCode(200)
                    .body("pending", equalTo(0));
        }
    }

    @Test
    void export_of_some_jobs_holds_them_alone_and_is_for_people() {
        String job = unique("job");
        createJob(300, "const a = 1;\n\nreturn a;\n", Map.of("name", job, "parameters", Map.of("on", 1)));

        String yaml = exactApi()
                .accept(YAML)
                .queryParam("name", job)
                .get("/provisioning/export")
                .asString();

        assertThat(yaml).isEqualTo("""
                jobs:
                  - name: %s
                    pollIntervalSeconds: 300
                    timeoutSeconds: 60
                    parameters:
                      "on": 1
                    script: |
                      const a = 1;

                      return a;
                """.formatted(job));
    }

    @Test
    void fingerprint_follows_the_jobs_and_compare_names_what_differs() {
        String job = unique("job");
        createJob(300, "return 1;\n", Map.of("name", job));
        String before = fingerprint();
        byte[] export = exactApi().accept(YAML).get("/provisioning/export").asByteArray();
        byte[] document = exactApi().get("/provisioning/fingerprint").asByteArray();
        assertThat(fingerprint()).isEqualTo(before);
        compare(YAML, export).then().statusCode(200).body("equal", equalTo(true));
        compare("application/json", document).then().statusCode(200).body("equal", equalTo(true));

        api().header("If-Match", "*")
                .contentType("text/javascript")
                .body("return\u00A01; \r\n")
                .put("/jobs/{job}/script", job)
                .then()
                .statusCode(200);

        assertThat(fingerprint()).isNotEqualTo(before);
        compare("application/json", document)
                .then()
                .body("equal", equalTo(false))
                .body("jobs.name", equalTo(List.of(job)))
                .body("jobs[0].status", equalTo("differs"))
                .body("jobs[0].fields", equalTo(List.of("script")))
                .body("jobs[0].invisible", nullValue());
        compare(YAML, export)
                .then()
                .body(
                        "jobs[0].invisible.kinds",
                        equalTo(List.of("line_ends", "trailing_blanks", "invisible_characters")))
                .body("jobs[0].invisible.places[0].line", equalTo(1))
                .body("jobs[0].invisible.places[0].here", containsString("no-break space"));

        api().header("If-Match", "*").post("/jobs/{job}/archive", job).then().statusCode(200);
        compare(YAML, export).then().body("jobs[0].status", equalTo("missing"));
    }

    @Test
    void jobs_that_the_manifest_does_not_hold_are_archived_where_it_says_so() {
        String job = unique("job");
        createJob(300, "return 1", Map.of("name", job));
        String manifest = "prune: archive\njobs: []";

        Response plan = exactApi()
                .contentType(YAML)
                .body(manifest.getBytes(StandardCharsets.UTF_8))
                .post("/provisioning/plan");

        plan.then().statusCode(200).body("changes.find { it.name == '" + job + "' }.action", equalTo("archive"));
    }

    @Test
    void each_call_keeps_to_the_openapi_document() {
        String manifest = "{\"jobs\": [{\"name\": \"%s\", \"pollIntervalSeconds\": 300, \"script\": \"return 1\"}]}"
                .formatted(unique("job"));

        String hash = api().body(manifest)
                .post("/provisioning/plan")
                .then()
                .statusCode(200)
                .extract()
                .path("hash");
        api().body("{\"jobs\": 1}").post("/provisioning/plan").then().statusCode(422);
        api().body(manifest)
                .queryParam("plan", "0")
                .post("/provisioning/apply")
                .then()
                .statusCode(409);
        api().body(manifest)
                .queryParam("plan", hash)
                .post("/provisioning/apply")
                .then()
                .statusCode(200);
        api().accept("application/json").get("/provisioning/export").then().statusCode(200);
        String fingerprint = api().get("/provisioning/fingerprint")
                .then()
                .statusCode(200)
                .extract()
                .asString();
        api().body(fingerprint)
                .post("/provisioning/compare")
                .then()
                .statusCode(200)
                .body("equal", equalTo(true));
        api().body("{").post("/provisioning/compare").then().statusCode(400);
    }

    private static String fingerprint() {
        return exactApi().get("/provisioning/fingerprint").jsonPath().getString("fingerprint");
    }

    private static Response compare(String type, byte[] other) {
        return exactApi().contentType(type).body(other).post("/provisioning/compare");
    }
}

package io.asyncjobs.job;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.createJob;
import static io.asyncjobs.testsupport.Api.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.asyncjobs.testsupport.DatabaseResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@WithTestResource(DatabaseResource.class)
class ParametersSchemaTest {

    private static final Map<String, Object> SCHEMA = Map.of(
            "type",
            "object",
            "required",
            List.of("maxAgeDays"),
            "additionalProperties",
            false,
            "properties",
            Map.of(
                    "maxAgeDays", Map.of("type", "integer", "minimum", 1),
                    "sites", Map.of("items", Map.of("pattern", "^S-\\d{3}$"))));

    @Inject
    ObjectMapper json;

    @Test
    void parameters_that_hold_to_the_schema_are_saved() {
        JsonPath job = createJob(
                300,
                "return 1",
                Map.of("parameters", Map.of("maxAgeDays", 3, "sites", List.of("S-001")), "parametersSchema", SCHEMA));

        assertThat(job.getMap("parametersSchema")).isEqualTo(SCHEMA);
    }

    @Test
    void everything_that_does_not_hold_is_named_at_once_and_nothing_is_saved() {
        String name = unique("schema");

        create(name, write(Map.of("sites", List.of("S-001", "X"), "other", 1)), write(SCHEMA))
                .statusCode(422)
                .body(
                        "violations.field.sort()",
                        equalTo(List.of("parameters.maxAgeDays", "parameters.other", "parameters.sites[1]")))
                .body(
                        "violations.pointer.sort()",
                        equalTo(List.of("/parameters/maxAgeDays", "/parameters/other", "/parameters/sites/1")));

        api().get("/jobs/{job}", name).then().statusCode(404);
    }

    @Test
    void every_way_to_change_a_job_is_checked() {
        JsonPath job =
                createJob(300, "return 1", Map.of("parameters", Map.of("maxAgeDays", 3), "parametersSchema", SCHEMA));
        String id = job.getString("id");

        api().header("If-Match", "*")
                .body(Map.of("parameters", Map.of("maxAgeDays", 0)))
                .contentType("application/merge-patch+json")
                .patch("/jobs/{job}", id)
                .then()
                .statusCode(422)
                .body("violations[0].field", equalTo("parameters.maxAgeDays"))
                .body("violations[0].message", equalTo("must be at least 1"));
        api().header("If-Match", "*")
                .body(Map.of("name", job.getString("name"), "script", "return 2", "parametersSchema", SCHEMA))
                .put("/jobs/{job}", id)
                .then()
                .statusCode(422)
                .body("violations[0].field", equalTo("parameters.maxAgeDays"))
                .body("violations[0].message", equalTo("is required by the schema"));
        api().header("If-Match", "*")
                .body(Map.of("parametersSchema", Map.of("maxProperties", 0)))
                .contentType("application/merge-patch+json")
                .patch("/jobs/{job}", id)
                .then()
                .statusCode(422);
        api().get("/jobs/{job}", id).then().body("revision", equalTo(1));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "parametersSchema.type | {\"type\":\"strin\"}",
                "parametersSchema.properties.a.minLength | {\"properties\":{\"a\":{\"minLength\":\"x\"}}}",
                "parametersSchema.$schema | {\"$schema\":\"http://json-schema.org/draft-07/schema#\"}",
                "parametersSchema | {\"$ref\":\"#/$defs/none\"}",
                "parametersSchema | {\"$id\":\"not an address %%\"}",
                "parametersSchema | {\"properties\":{\"a\":{\"pattern\":\"(?=a)b\"}}}",
                "parametersSchema | {\"properties\":{\"a\":{\"pattern\":\"(\"}}}",
                "parametersSchema | {\"patternProperties\":{\"(a)\\\\1\":{}}}",
                "parametersSchema.maximum | {\"maximum\":1e999999999}"
            })
    void schema_that_is_none_is_named(String field, String schema) {
        create("{}", schema).statusCode(422).body("violations.field", equalTo(List.of(field)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1:%d/schema.json",
                "https://127.0.0.1:%d/schema.json",
                "file:///etc/hostname",
                "classpath:/application.properties",
                "jar:file:/x.jar!/y",
                "other.json",
                "https://json-schema.org/draft/2020-12/schema"
            })
    void nothing_that_a_schema_refers_to_is_fetched(String address) throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String reference = address.formatted(server.getLocalPort());

            create("{\"a\":1}", write(Map.of("properties", Map.of("a", Map.of("$ref", reference)))))
                    .statusCode(422)
                    .body("violations[0].field", equalTo("parametersSchema"))
                    .body("violations[0].message", containsString(reference));

            server.setSoTimeout(1);
            assertThat(connected(server)).isFalse();
        }
    }

    @Test
    void schema_may_refer_to_its_own_parts_even_in_circles_that_end() {
        String tree = "{\"properties\":{\"next\":{\"$ref\":\"#\"},\"value\":{\"$ref\":\"#/$defs/v\"}},"
                + "\"$defs\":{\"v\":{\"type\":\"integer\"}}}";

        create("{\"value\":1,\"next\":{\"value\":2,\"next\":{}}}", tree).statusCode(201);
        create("{\"value\":1,\"next\":{\"value\":2,\"next\":{\"value\":\"3\"}}}", tree)
                .statusCode(422)
                .body("violations.field", equalTo(List.of("parameters.next.next.value")))
                .body("violations.message", equalTo(List.of("must be of type integer, was string")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"$ref\":\"#\"}",
                "{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":{\"$ref\":\"#/$defs/b\"},\"b\":{\"$ref\":\"#/$defs/a\"}}}"
            })
    void schema_that_refers_to_itself_without_end_is_refused(String schema) {
        create("{}", schema)
                .statusCode(422)
                .body("violations.field", equalTo(List.of("parametersSchema")))
                .body("violations[0].message", startsWith("must end"));
    }

    @Test
    void schema_whose_parts_multiply_is_refused() {
        String parts = IntStream.range(0, 40)
                .mapToObj(i -> "\"a%1$d\":{\"allOf\":[{\"$ref\":\"#/$defs/a%2$d\"},{\"$ref\":\"#/$defs/a%2$d\"}]}"
                        .formatted(i, i + 1))
                .collect(Collectors.joining(","));

        create("{}", "{\"$ref\":\"#/$defs/a0\",\"$defs\":{" + parts + ",\"a40\":{}}}")
                .statusCode(422)
                .body("violations.field", equalTo(List.of("parametersSchema")));
    }

    @Test
    void huge_schema_is_refused() {
        create("{}", write(Map.of("$comment", "x".repeat(70_000))))
                .statusCode(422)
                .body("violations.field", equalTo(List.of("parametersSchema")));
    }

    @Test
    void long_chain_of_references_and_a_wide_schema_are_checked_or_refused_but_never_fail() {
        String chain = IntStream.range(0, 1_800)
                .mapToObj(i -> "\"a%d\":{\"$ref\":\"#/$defs/a%d\"}".formatted(i, i + 1))
                .collect(Collectors.joining(","));

        create("{}", "{\"$ref\":\"#/$defs/a0\",\"$defs\":{" + chain + ",\"a1800\":{}}}")
                .statusCode(422);
        create("{}", "{\"allOf\":[" + String.join(",", Collections.nCopies(15_000, "{}")) + "]}")
                .statusCode(422)
                .body("violations[0].message", containsString("too many steps"));
        create("{}", "{\"allOf\":[" + String.join(",", Collections.nCopies(500, "{}")) + "]}")
                .statusCode(201);
    }

    @Test
    void patterns_cannot_be_used_to_hold_a_thread() {
        String text = "a".repeat(40) + "!";

        create(write(Map.of("a", text)), write(Map.of("properties", Map.of("a", Map.of("pattern", "^(a+)+$")))))
                .statusCode(422)
                .body("violations.field", equalTo(List.of("parameters.a")));
        create("{}", write(Map.of("properties", Map.of("a", Map.of("pattern", "((a{1000}){1000}){1000}")))))
                .statusCode(422)
                .body("violations.field", equalTo(List.of("parametersSchema")));
        create(
                        "{}",
                        write(Map.of(
                                "properties",
                                Map.of("a", Map.of("pattern", "(((((a?){0,30}){0,30}){0,30}){0,30}){0,30}")))))
                .statusCode(422)
                .body("violations.field", equalTo(List.of("parametersSchema")));
        create(
                        write(Map.of("a", "a".repeat(100_000))),
                        write(Map.of("properties", Map.of("a", Map.of("pattern", "(x?a?){900}b$")))))
                .statusCode(422)
                .body("violations[0].field", equalTo("parametersSchema"))
                .body("violations[0].message", containsString("regular expressions take too long"));
    }

    @Test
    void patterns_know_the_escapes_of_javascript() {
        String schema =
                write(Map.of("properties", Map.of("a", Map.of("pattern", "^\\u00e9\\/\\p{L}\\d{2,3}[\\w.-]+$"))));

        create(write(Map.of("a", "é/ä12a.b-c")), schema).statusCode(201);
        create(write(Map.of("a", "e/ä12a.b-c")), schema).statusCode(422);
    }

    @Test
    void numbers_whose_digits_cannot_be_written_out_are_not_checked_by_arithmetic() {
        create("{\"a\":1e999999999}", "{\"properties\":{\"a\":{\"multipleOf\":7}}}")
                .statusCode(422)
                .body("violations.field", equalTo(List.of("parameters.a")));
    }

    private ValidatableResponse create(String parameters, String schema) {
        return create(unique("schema"), parameters, schema);
    }

    private static ValidatableResponse create(String name, String parameters, String schema) {
        return api().body(
                        "{\"name\":\"%s\",\"script\":\"return 1\",\"pollIntervalSeconds\":300,\"parameters\":%s,\"parametersSchema\":%s}"
                                .formatted(name, parameters, schema))
                .post("/jobs")
                .then();
    }

    private String write(Object value) {
        try {
            return json.writeValueAsString(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean connected(ServerSocket server) throws IOException {
        try {
            server.accept().close();
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }
}

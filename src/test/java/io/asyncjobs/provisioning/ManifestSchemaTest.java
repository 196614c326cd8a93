package io.asyncjobs.provisioning;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.exactApi;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.Tokens;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code manifest.schema.json} says of a manifest what the API's document says of the same fields. After a change of the API:
 * {@code mvn test -Dtest=ManifestSchemaTest -Dopenapi.update=true}.
 */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class ManifestSchemaTest {

    private static final Path FILE = Path.of("src/main/resources/io/asyncjobs/provisioning/manifest.schema.json");
    private static final String COMPONENTS = "#/components/schemas/";

    /** What of it an OpenAPI document makes from records; all else of a manifest stands here. */
    private static final String FRAME = """
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "$id": "https://asyncjobs.io/schemas/manifest.schema.json",
              "title": "Manifest of the Async Job Manager",
              "description": "The jobs that an environment is to have, with their accounts and connections",
              "type": "object",
              "additionalProperties": false,
              "properties": {
                "environment": {"type": ["string", "null"], "maxLength": 200, "description": "The environment that it is for; it is refused in any other"},
                "prune": {"enum": ["none", "archive"], "default": "none", "description": "What happens to jobs that the manifest does not contain"},
                "reason": {"type": ["string", "null"], "maxLength": 1797, "description": "Why; stored with each change"},
                "reference": {"type": ["string", "null"], "maxLength": 200, "description": "A ticket or a commit; stored after the reason"},
                "accounts": {"type": ["array", "null"], "items": {"$ref": "#/$defs/Account"}, "description": "Accounts that jobs act as; others stay as they are"},
                "connections": {"type": ["array", "null"], "items": {"$ref": "#/$defs/Connection"}, "description": "Connections without their secrets; others stay as they are"},
                "jobs": {"type": ["array", "null"], "items": {"$ref": "#/$defs/Job"}, "description": "Each is all of a job: a field that is missing has its default"}
              },
              "$defs": {
                "Connection": {
                  "required": ["name"],
                  "properties": {
                    "name": {"type": "string", "minLength": 1, "maxLength": 200, "description": "What scripts call it by"},
                    "secretRef": {"type": ["string", "null"], "description": "Names a secret that is set in the environment"},
                    "clientKeyRef": {"type": ["string", "null"], "description": "Names the private key of the client certificate, which is set in the environment"},
                    "secretRefs": {"type": ["object", "null"], "additionalProperties": {"type": "string"}, "description": "Names further secrets that are set in the environment, by the names that scripts use"}
                  }
                },
                "Job": {
                  "required": ["name"],
                  "oneOf": [{"required": ["script"]}, {"required": ["scriptFile"]}, {"required": ["scriptBase64"]}],
                  "properties": {
                    "archived": {"type": "boolean", "default": false, "description": "Whether the job is out of use"},
                    "scriptFile": {"type": "string", "description": "The file of the script, beside the manifest in a folder or zip"},
                    "scriptBase64": {"type": "string", "description": "The bytes of the script in Base64, where YAML cannot hold them"}
                  }
                }
              }
            }
            """;

    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void the_file_says_what_the_document_of_the_api_says() throws IOException {
        String expected = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(schema()) + "\n";
        if (Boolean.getBoolean("openapi.update")) {
            Files.writeString(FILE, expected);
        }

        assertThat(Files.readString(FILE))
                .as("the API changed: run mvn test -Dtest=ManifestSchemaTest -Dopenapi.update=true")
                .isEqualTo(expected);
    }

    @Test
    void it_is_served() throws IOException {
        String served = api().accept("application/schema+json")
                .get("/provisioning/schema")
                .then()
                .statusCode(200)
                .contentType("application/schema+json")
                .extract()
                .asString();

        assertThat(JSON.readTree(served)).isEqualTo(JSON.readTree(FILE.toFile()));
    }

    @Test
    void an_export_is_valid() throws IOException {
        String export = exactApi()
                .accept("application/json")
                .get("/provisioning/export")
                .asString();

        assertThat(errors(export)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"jobs\": [{\"name\": \"a\", \"script\": \"return 1\", \"archived\": true, \"limits\": {\"hostCalls\": 3}}]}",
                "{\"environment\": \"uat\", \"prune\": \"archive\", \"jobs\": [{\"name\": \"a\", \"scriptFile\": \"a.js\"}]}",
                "{\"connections\": [{\"name\": \"c\", \"secretRef\": \"c\", \"http\": {\"baseUrl\": \"https://a.example/\"}}]}",
                "{\"accounts\": [{\"username\": \"edc\", \"kind\": \"system\"}]}"
            })
    void sound_manifests_are_valid(String manifest) throws IOException {
        assertThat(errors(manifest)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{\"job\": []}",
                "{\"prune\": \"delete\"}",
                "{\"jobs\": [{\"name\": \"a\"}]}",
                "{\"jobs\": [{\"name\": \"a\", \"script\": \"return 1\", \"scriptFile\": \"a.js\"}]}",
                "{\"jobs\": [{\"name\": \"a\", \"script\": \"return 1\", \"pollIntervalSeconds\": 301}]}",
                "{\"jobs\": [{\"name\": \"a\", \"script\": \"return 1\", \"interval\": 3}]}",
                "{\"jobs\": [{\"name\": \"a\", \"script\": \"return 1\", \"reason\": \"one for all\"}]}",
                "{\"connections\": [{\"name\": \"c\", \"secret\": \"in Git\"}]}",
                "{\"accounts\": [{\"kind\": \"system\"}]}"
            })
    void mistakes_are_found_by_an_editor(String manifest) throws IOException {
        assertThat(errors(manifest)).isNotEmpty();
    }

    private static List<?> errors(String manifest) throws IOException {
        Schema schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(Files.readString(FILE));
        return schema.validate(manifest, InputFormat.JSON);
    }

    private static ObjectNode schema() throws JsonProcessingException {
        JsonNode components = JSON.readTree(given().auth()
                        .oauth2(Tokens.superadmin("alice"))
                        .get("/q/openapi?format=json")
                        .asString())
                .path("components")
                .path("schemas");
        ObjectNode schema = (ObjectNode) JSON.readTree(FRAME);
        ObjectNode definitions = (ObjectNode) schema.get("$defs");
        definitions.set("Account", merged(components.get("AccountDraft"), null, "reason"));
        definitions.set(
                "Connection",
                merged(
                        components.get("ConnectionDraft"),
                        definitions.get("Connection"),
                        "reason",
                        "secret",
                        "clientKey",
                        "secrets"));
        definitions.set("Job", merged(components.get("JobDraft"), definitions.get("Job"), "reason"));
        Deque<JsonNode> open = new ArrayDeque<>(List.of(schema));
        while (!open.isEmpty()) {
            JsonNode node = open.pop();
            if (node instanceof ObjectNode object
                    && object.path("$ref").asText("").startsWith(COMPONENTS)) {
                String name = object.get("$ref").asText().substring(COMPONENTS.length());
                object.put("$ref", "#/$defs/" + name);
                if (!definitions.has(name)) {
                    definitions.set(name, components.get(name).deepCopy());
                    open.push(definitions.get(name));
                }
            }
            node.forEach(open::push);
        }
        return schema;
    }

    /** The schema of a draft without those fields, and with what a manifest has beside it. */
    private static ObjectNode merged(JsonNode draft, @Nullable JsonNode more, String... without) {
        ObjectNode merged = draft.deepCopy();
        ObjectNode properties = (ObjectNode) merged.get("properties");
        properties.remove(List.of(without));
        if (more != null) {
            properties.setAll((ObjectNode) more.get("properties"));
            ArrayNode required = merged.putArray("required");
            more.get("required").forEach(required::add);
            if (more.has("oneOf")) {
                merged.set("oneOf", more.get("oneOf"));
            }
        }
        return merged;
    }
}

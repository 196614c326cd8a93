package io.asyncjobs.platform.openapi;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.Tokens;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code openapi.yaml} is what the service serves, and {@code openapi-3.0.yaml} is the same in OpenAPI 3.0. After a change of
 * the API:
 * {@code mvn test -Dtest=OpenApiDocumentTest -Dopenapi.update=true}.
 */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class OpenApiDocumentTest {

    @ParameterizedTest
    @ValueSource(strings = {"openapi", "openapi-3.0"})
    void the_file_is_what_is_served(String name) throws IOException {
        Path file = Path.of(name + ".yaml");
        String served = new String(
                given().auth()
                        .oauth2(Tokens.superadmin("alice"))
                        .get("/q/" + name + "?format=yaml")
                        .asByteArray(),
                StandardCharsets.UTF_8);
        if (Boolean.getBoolean("openapi.update")) {
            Files.writeString(file, served);
        }

        assertThat(served)
                .as("the API changed: run mvn test -Dtest=OpenApiDocumentTest -Dopenapi.update=true")
                .isEqualTo(Files.readString(file));
    }

    @Test
    void every_operation_is_named_and_says_how_it_fails() {
        JsonPath document = given().auth()
                .oauth2(Tokens.superadmin("alice"))
                .get("/q/openapi?format=json")
                .jsonPath();
        Map<String, Map<String, Map<String, Object>>> paths = document.getMap("paths");
        List<String> names = new ArrayList<>();

        assertThat(document.getString("openapi")).startsWith("3.1");
        paths.forEach((path, operations) -> operations.forEach((method, operation) -> {
            assertThat(operation).as(method + " " + path).containsKeys("operationId", "summary", "description", "tags");
            assertThat(((Map<?, ?>) Objects.requireNonNull(operation.get("responses")))
                            .keySet().stream().map(String::valueOf))
                    .as(method + " " + path)
                    .contains("401", "403", "500", "default");
            names.add((String) operation.get("operationId"));
        }));
        assertThat(names).isNotEmpty().doesNotHaveDuplicates();
    }
}

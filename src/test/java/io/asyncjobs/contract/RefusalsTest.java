package io.asyncjobs.contract;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.Tokens;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What every operation of the document refuses, whatever it is for. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class RefusalsTest {

    @Test
    void every_operation_needs_a_token_and_the_role() {
        Map<String, Map<String, Object>> paths = given().auth()
                .oauth2(Tokens.superadmin("alice"))
                .get("/q/openapi?format=json")
                .jsonPath()
                .getMap("paths");

        assertThat(paths).isNotEmpty();
        paths.forEach((path, operations) -> {
            String address = path.replaceAll("\\{[^}]+}", "0198c8a4-7d0e-7c3b-9f52-6a4b1c2d3e4f");
            operations.keySet().forEach(operation -> {
                String method = operation.toUpperCase(Locale.ROOT);
                Response withoutToken = given().request(method, address);
                Response withoutRole =
                        given().auth().oauth2(Tokens.withRoles("eve", "user")).request(method, address);

                assertThat(withoutToken.statusCode()).as(method + " " + path).isEqualTo(401);
                assertThat(withoutRole.statusCode()).as(method + " " + path).isEqualTo(403);
                assertThat(withoutRole.contentType()).isEqualTo("application/problem+json");
            });
        });
    }
}

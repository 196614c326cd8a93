package io.asyncjobs.platform.openapi;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;

import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.Tokens;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;

/** The pages are there in development and tests; ServiceIT sees that the packaged service has none. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class SwaggerUiTest {

    @Test
    void pages_need_the_role_like_all_else() {
        given().get("/q/swagger-ui/").then().statusCode(401);
        given().auth()
                .oauth2(Tokens.withRoles("bob", "reader"))
                .get("/q/swagger-ui/")
                .then()
                .statusCode(403);
        given().auth()
                .oauth2(Tokens.superadmin("alice"))
                .get("/q/swagger-ui/")
                .then()
                .statusCode(200)
                .body(containsString("swagger-ui"));
    }
}

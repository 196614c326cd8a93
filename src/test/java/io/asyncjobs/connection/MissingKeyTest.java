package io.asyncjobs.connection;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.unique;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;

import io.asyncjobs.testsupport.DatabaseResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A service with an external database, to which nobody gave an encryption key. */
@QuarkusTest
@WithTestResource(MissingKeyTest.Keyless.class)
class MissingKeyTest {

    public static final class Keyless implements QuarkusTestResourceLifecycleManager {

        @Override
        public Map<String, String> start() {
            Map<String, String> configuration = new HashMap<>(new DatabaseResource().start());
            configuration.remove("asyncjobs.encryption.keys");
            configuration.remove("asyncjobs.user-tokens.signing-key-location");
            return configuration;
        }

        @Override
        public void stop() {}
    }

    @Test
    void connection_with_tokens_for_users_is_not_stored() {
        api().body(Map.of(
                        "http",
                        Map.of(
                                "baseUrl",
                                "http://127.0.0.1",
                                "authentication",
                                Map.of("type", "user_token", "audience", "clinical-api"))))
                .put("/connections/{name}", unique("keyless"))
                .then()
                .statusCode(409)
                .body("type", endsWith("#signing-key-missing"))
                .body("detail", containsString("ASYNCJOBS_USER_TOKENS_SIGNING_KEY_LOCATION"));
    }

    @Test
    void script_is_not_stored() {
        api().body(Map.of("name", unique("keyless"), "script", "return 1"))
                .post("/jobs")
                .then()
                .statusCode(409)
                .body("type", endsWith("#encryption-key-missing"))
                .body("detail", containsString("ASYNCJOBS_ENCRYPTION_KEYS"));
    }

    @Test
    void secret_is_not_stored_and_all_else_is() {
        String name = unique("keyless");

        api().body(Map.of(
                        "http",
                        Map.of("baseUrl", "http://127.0.0.1", "authentication", Map.of("type", "bearer")),
                        "secret",
                        "hunter2"))
                .put("/connections/{name}", name)
                .then()
                .statusCode(409)
                .body("type", endsWith("#encryption-key-missing"))
                .body("detail", containsString("ASYNCJOBS_ENCRYPTION_KEYS"))
                .body(not(containsString("hunter2")));
        api().get("/connections/{name}", name).then().statusCode(404);
        api().body(Map.of("http", Map.of("baseUrl", "http://127.0.0.1")))
                .put("/connections/{name}", name)
                .then()
                .statusCode(201)
                .body("hasSecret", equalTo(false));
    }
}

package io.asyncjobs.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.testsupport.Api;
import io.asyncjobs.testsupport.ClientTools;
import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.Tokens;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Clients in Go and Python generated from {@code openapi-3.0.yaml}, compiled as they come, lead a job through its life:
 * {@code src/test/clients}.
 */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class GeneratedClientsTest {

    @Test
    void job_lives_its_life_by_a_client_in_go() {
        assertThat(ClientTools.runGo(environment("go"))).contains("all of its life");
    }

    @Test
    void job_lives_its_life_by_a_client_in_python() {
        assertThat(ClientTools.runPython(environment("python"))).contains("all of its life");
    }

    private static Map<String, String> environment(String language) {
        return Map.of(
                "SERVICE",
                "http://127.0.0.1:" + RestAssured.port,
                "TOKEN",
                Tokens.superadmin("alice"),
                "NAME",
                Api.unique(language));
    }
}

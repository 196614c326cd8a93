package io.asyncjobs.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.testsupport.Api;
import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.NodeTools;
import io.asyncjobs.testsupport.Tokens;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * TypeScript types generated from {@code openapi.yaml}, checked with {@code --strict}, lead a job through its whole life:
 * {@code src/test/node/client.ts}.
 */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class TypeScriptClientTest {

    @Test
    void job_lives_its_whole_life() {
        NodeTools.run(
                "openapi-typescript",
                Path.of("openapi.yaml").toAbsolutePath().toString(),
                "--output",
                "generated/api.d.ts");
        NodeTools.run("tsc", "--project", "tsconfig.json");

        assertThat(NodeTools.run(
                        "client.ts",
                        Map.of(
                                "SERVICE",
                                "http://127.0.0.1:" + RestAssured.port,
                                "TOKEN",
                                Tokens.superadmin("alice"),
                                "NAME",
                                Api.unique("typed"))))
                .contains("all of its life");
    }
}

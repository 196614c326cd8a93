package io.asyncjobs.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.testsupport.NodeTools;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code openapi.yaml} and {@code openapi-3.0.yaml} under the rules in {@code src/test/node}, where each that is off says why. */
class OpenApiLintTest {

    @Test
    void spectral_and_the_owasp_rules_find_nothing() {
        // Down to the mildest finding, each is a failure
        assertThat(NodeTools.run(
                        "spectral",
                        "lint",
                        "--ruleset",
                        "spectral.yaml",
                        "--fail-severity",
                        "hint",
                        document("openapi.yaml")))
                .contains("No results");
    }

    @ParameterizedTest
    @ValueSource(strings = {"openapi.yaml", "openapi-3.0.yaml"})
    void redocly_finds_nothing(String file) {
        assertThat(NodeTools.run(
                        "redocly", "lint", "--config", "redocly.yaml", "--max-problems", "1000", document(file)))
                .contains("is valid")
                .doesNotContain("warning");
    }

    private static String document(String file) {
        return Path.of(file).toAbsolutePath().toString();
    }
}

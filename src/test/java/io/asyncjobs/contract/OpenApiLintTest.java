package io.asyncjobs.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.testsupport.NodeTools;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** {@code openapi.yaml} under the rules in {@code src/test/node}, where each that is off says why. */
class OpenApiLintTest {

    private static final String DOCUMENT =
            Path.of("openapi.yaml").toAbsolutePath().toString();

    @Test
    void spectral_and_the_owasp_rules_find_nothing() {
        // Down to the mildest finding, each is a failure
        assertThat(NodeTools.run("spectral", "lint", "--ruleset", "spectral.yaml", "--fail-severity", "hint", DOCUMENT))
                .contains("No results");
    }

    @Test
    void redocly_finds_nothing() {
        assertThat(NodeTools.run("redocly", "lint", "--config", "redocly.yaml", "--max-problems", "1000", DOCUMENT))
                .contains("is valid")
                .doesNotContain("warning");
    }
}

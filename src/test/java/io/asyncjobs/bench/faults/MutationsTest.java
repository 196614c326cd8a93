package io.asyncjobs.bench.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MutationsTest {

    @Test
    void each_guard_can_still_be_taken_out() throws Exception {
        try (Stream<Path> files = Files.list(Path.of("bench", "mutations"))) {
            for (Path patch : files.filter(file -> file.toString().endsWith(".patch"))
                    .sorted()
                    .toList()) {
                Process trial = new ProcessBuilder("git", "apply", "--check", "--verbose", patch.toString())
                        .redirectErrorStream(true)
                        .start();
                String said = new String(trial.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

                assertThat(trial.waitFor()).as("%s: %s", patch, said).isZero();
            }
        }
    }
}

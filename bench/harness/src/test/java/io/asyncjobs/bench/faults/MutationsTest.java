package io.asyncjobs.bench.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.testsupport.Fast;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

@Fast
class MutationsTest {

    @Test
    void each_guard_that_is_taken_out_is_in_the_sources() throws IOException {
        StringBuilder sources = new StringBuilder();
        for (Path source : files(Path.of("src", "main", "java"), ".java")) {
            sources.append(Files.readString(source));
        }
        List<Path> mutations = files(Path.of("bench", "mutations"), ".sed");

        assertThat(mutations).hasSize(3);
        for (Path mutation : mutations) {
            for (String line : Files.readAllLines(mutation)) {
                if (line.startsWith("s|")) {
                    assertThat(sources).as(mutation.toString()).contains(line.split("\\|", -1)[1]);
                }
            }
        }
    }

    private static List<Path> files(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .sorted()
                    .toList();
        }
    }
}

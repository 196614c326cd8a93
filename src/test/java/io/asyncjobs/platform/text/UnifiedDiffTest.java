package io.asyncjobs.platform.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnifiedDiffTest {

    @TempDir
    Path folder;

    @Test
    void equal_texts_have_no_difference() {
        assertThat(UnifiedDiff.of("a", "x\n", "b", "x\n")).isEmpty();
    }

    @Test
    void only_the_last_line_feed_is_a_difference() {
        assertThat(UnifiedDiff.of("a", "x", "b", "x\n")).isEqualTo("""
                --- a
                +++ b
                @@ -1,1 +1,1 @@
                -x
                \\ No newline at end of file
                +x
                """);
    }

    /** What the tools of the trade make of it is what counts. */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {
                "'one\ntwo\nthree\n', 'one\n2\nthree\n'",
                "'one\ntwo', 'one\ntwo\nthree'",
                "'a\r\nb\r\n', 'a\nb\r\n'",
                "'1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n', '1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\ntwelve\n'"
            })
    void patch_makes_the_one_text_of_the_other(String before, String after) throws Exception {
        Path file = Files.writeString(folder.resolve("script.js"), before);
        Path diff = Files.writeString(folder.resolve("diff"), UnifiedDiff.of("script.js", before, "script.js", after));

        Process patch = new ProcessBuilder("git", "apply", "--whitespace=nowarn", diff.toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(patch.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);

        assertThat(patch.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(said).isEmpty();
        assertThat(Files.readString(file)).isEqualTo(after);
    }

    @Test
    void large_texts_without_a_line_in_common_are_shown_as_replaced() {
        String before = numbers(0, 100_000);
        String after = numbers(500_000, 600_000);

        String diff = Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(30), () -> UnifiedDiff.of("a", "head\n" + before, "b", "head\n" + after));

        assertThat(diff).startsWith("--- a\n+++ b\n@@ -1,100001 +1,100001 @@\n head\n-0\n-1\n");
        assertThat(diff.lines()).hasSize(200_004);
    }

    private static String numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(n -> n + "\n").collect(Collectors.joining());
    }
}

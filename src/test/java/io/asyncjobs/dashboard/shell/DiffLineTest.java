package io.asyncjobs.dashboard.shell;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.platform.text.UnifiedDiff;
import io.asyncjobs.testsupport.Fast;
import java.util.List;
import org.junit.jupiter.api.Test;

@Fast
class DiffLineTest {

    @Test
    void carriage_return_belongs_to_its_line_and_is_named() {
        List<DiffLine> lines = DiffLine.of(UnifiedDiff.of("a", "one\ntwo\n", "b", "one\r\ntwo\n"), 1_000);

        assertThat(lines).extracting(DiffLine::kind).containsExactly("context", "removed", "added", "context");
        assertThat(lines).extracting(DiffLine::named).contains("-one", " two").anySatisfy(line -> assertThat(line)
                .startsWith("+one")
                .contains("U+000D"));
    }

    @Test
    void empty_line_of_the_context_has_no_trailing_blank() {
        List<DiffLine> lines = DiffLine.of(UnifiedDiff.of("a", "\none\n", "b", "\ntwo\n"), 1_000);

        assertThat(lines.get(1).named()).isEqualTo(" ");
    }

    @Test
    void what_is_left_out_is_counted() {
        String diff = UnifiedDiff.of("/dev/null", "", "b", "x\n".repeat(1_000));

        List<DiffLine> lines = DiffLine.of(diff, 100);

        assertThat(lines).hasSizeLessThan(60);
        assertThat(lines.getLast().text()).matches(" … 9\\d\\d lines more");
        assertThat(DiffLine.of(UnifiedDiff.of("/dev/null", "", "b", "x".repeat(5_000)), 100))
                .anySatisfy(line -> assertThat(line.text()).contains("characters more"));
    }

    @Test
    void no_character_is_cut_in_two() {
        assertThat(Excerpt.of("ab\uD83D\uDE00cd", 3)).isEqualTo("ab\n… 3 characters more");
        assertThat(Excerpt.of("ab\uD83D\uDE00\uD83D\uDE00", 2)).isEqualTo("ab\n… 2 characters more");
        assertThat(Excerpt.of("abc", 3)).isEqualTo("abc");
    }
}

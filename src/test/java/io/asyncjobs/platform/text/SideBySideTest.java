package io.asyncjobs.platform.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.testsupport.Fast;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

@Fast
class SideBySideTest {

    @Test
    void equal_texts_have_no_rows() {
        assertThat(SideBySide.of("a\nb", "a\nb")).isEmpty();
        assertThat(SideBySide.of("", "")).isEmpty();
    }

    @Test
    void a_changed_line_tells_what_of_it_changed() {
        assertThat(SideBySide.of("const a = 1;\n", "const a = 22;\n"))
                .containsExactly(new SideBySide.Row(
                        new SideBySide.Line(1, "const a = ", "1", ";", ""),
                        new SideBySide.Line(1, "const a = ", "22", ";", ""),
                        false,
                        0));
    }

    @Test
    void surrogate_pairs_are_not_torn() {
        SideBySide.Row row =
                SideBySide.of("x\ud83d\ude00y\n", "x\ud83d\ude01y\n").getFirst();

        assertThat(row.old()).isEqualTo(new SideBySide.Line(1, "x", "\ud83d\ude00", "y", ""));
        assertThat(row.fresh()).isEqualTo(new SideBySide.Line(1, "x", "\ud83d\ude01", "y", ""));
    }

    @Test
    void lines_that_came_or_went_stand_alone() {
        List<SideBySide.Row> rows = SideBySide.of("a\nb\n", "b\nc\n");

        assertThat(rows).hasSize(3);
        assertThat(rows.get(0).fresh()).isNull();
        assertThat(rows.get(1).same()).isTrue();
        assertThat(rows.get(2).old()).isNull();
        assertThat(rows.get(2).fresh()).isEqualTo(new SideBySide.Line(2, "c", "", "", ""));
    }

    @Test
    void a_lost_line_end_is_a_difference() {
        SideBySide.Row row = SideBySide.of("a\n", "a").getFirst();

        assertThat(row.same()).isFalse();
        assertThat(row.old()).isEqualTo(new SideBySide.Line(1, "a", "", "", ""));
        assertThat(row.fresh()).isEqualTo(new SideBySide.Line(1, "a", "", "", "no line end"));
    }

    @Test
    void of_many_equal_lines_only_those_around_a_difference_are_there() {
        String text =
                IntStream.rangeClosed(1, 30).mapToObj(i -> "line " + i + "\n").collect(Collectors.joining());

        List<SideBySide.Row> rows = SideBySide.of(text, text.replace("line 15\n", "line fifteen\n"));

        assertThat(rows.stream().map(SideBySide.Row::skipped)).containsExactly(11, 0, 0, 0, 0, 0, 0, 0, 12);
        assertThat(rows.get(4).old()).extracting(SideBySide.Line::number).isEqualTo(15);
    }

    @Test
    void lines_that_look_alike_tell_what_is_different() {
        SideBySide.Row space = SideBySide.of("a b\n", "a\u00A0b\n").getFirst();
        SideBySide.Row blanks = SideBySide.of("a \n", "a  \n").getFirst();

        assertThat(old(space).changedNamed()).isEqualTo(" ");
        assertThat(fresh(space).changedNamed()).isEqualTo("⟨no-break space U+00A0⟩");
        assertThat(old(blanks).beforeNamed()).isEqualTo("a⟨trailing space⟩");
        assertThat(fresh(blanks).beforeNamed() + fresh(blanks).changedNamed())
                .isEqualTo("a⟨trailing space⟩⟨trailing space⟩");
    }

    @Test
    void line_ends_are_named_where_they_differ() {
        SideBySide.Row row = SideBySide.of("a\r\nb\r\n", "a\nb\r\n").getFirst();

        assertThat(old(row).end()).isEqualTo("CR LF line end");
        assertThat(fresh(row).end()).isEqualTo("LF line end");
        assertThat(old(SideBySide.of("a\rb\n", "a\nb\n").getFirst()).end()).isEqualTo("CR line end");
    }

    @Test
    void line_ends_that_all_lines_have_are_not_named() {
        assertThat(SideBySide.of("a\r\nb\r\n", "a\r\nc\r\n"))
                .hasSize(2)
                .allSatisfy(row -> assertThat(old(row).end() + fresh(row).end()).isEmpty());
    }

    private static SideBySide.Line old(SideBySide.Row row) {
        return Objects.requireNonNull(row.old());
    }

    private static SideBySide.Line fresh(SideBySide.Row row) {
        return Objects.requireNonNull(row.fresh());
    }
}

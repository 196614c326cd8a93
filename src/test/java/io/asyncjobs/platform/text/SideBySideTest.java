package io.asyncjobs.platform.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

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
                        new SideBySide.Line(1, "const a = ", "1", ";", false),
                        new SideBySide.Line(1, "const a = ", "22", ";", false),
                        false,
                        0));
    }

    @Test
    void surrogate_pairs_are_not_torn() {
        SideBySide.Row row =
                SideBySide.of("x\ud83d\ude00y\n", "x\ud83d\ude01y\n").getFirst();

        assertThat(row.old()).isEqualTo(new SideBySide.Line(1, "x", "\ud83d\ude00", "y", false));
        assertThat(row.fresh()).isEqualTo(new SideBySide.Line(1, "x", "\ud83d\ude01", "y", false));
    }

    @Test
    void lines_that_came_or_went_stand_alone() {
        List<SideBySide.Row> rows = SideBySide.of("a\nb\n", "b\nc\n");

        assertThat(rows).hasSize(3);
        assertThat(rows.get(0).fresh()).isNull();
        assertThat(rows.get(1).same()).isTrue();
        assertThat(rows.get(2).old()).isNull();
        assertThat(rows.get(2).fresh()).isEqualTo(new SideBySide.Line(2, "c", "", "", false));
    }

    @Test
    void a_lost_line_end_is_a_difference() {
        SideBySide.Row row = SideBySide.of("a\n", "a").getFirst();

        assertThat(row.same()).isFalse();
        assertThat(row.old()).isEqualTo(new SideBySide.Line(1, "a", "", "", false));
        assertThat(row.fresh()).isEqualTo(new SideBySide.Line(1, "a", "", "", true));
    }

    @Test
    void of_many_equal_lines_only_those_around_a_difference_are_there() {
        String text =
                IntStream.rangeClosed(1, 30).mapToObj(i -> "line " + i + "\n").collect(Collectors.joining());

        List<SideBySide.Row> rows = SideBySide.of(text, text.replace("line 15\n", "line fifteen\n"));

        assertThat(rows.stream().map(SideBySide.Row::skipped)).containsExactly(11, 0, 0, 0, 0, 0, 0, 0, 12);
        assertThat(rows.get(4).old()).extracting(SideBySide.Line::number).isEqualTo(15);
    }
}

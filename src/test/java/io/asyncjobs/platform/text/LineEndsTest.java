package io.asyncjobs.platform.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.testsupport.Fast;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Fast
class LineEndsTest {

    private static final String MIXED = "\uFEFFone\r\ntwo\nthree\rfour\r\n\nlast";

    @ParameterizedTest
    @ValueSource(strings = {MIXED, "", "\n", "\r", "\r\n", "a", "a\r", "\r\n\r\n", "a\n\r\nb", "a\r\r\nb\n"})
    void a_text_that_was_not_touched_keeps_its_bytes(String stored) {
        assertThat(LineEnds.restored(asTyped(stored), stored)).isEqualTo(stored);
    }

    @Test
    void a_changed_line_keeps_the_end_that_stood_in_its_place() {
        assertThat(LineEnds.restored("\uFEFFone\nTWO\nTHREE\nfour\n\nlast", MIXED))
                .isEqualTo("\uFEFFone\r\nTWO\nTHREE\rfour\r\n\nlast");
    }

    @Test
    void a_new_line_gets_the_end_of_the_line_before_it() {
        assertThat(LineEnds.restored("\uFEFFone\nnew\ntwo\nthree\nnew\nfour\n\nlast", MIXED))
                .isEqualTo("\uFEFFone\r\nnew\r\ntwo\nthree\rnew\rfour\r\n\nlast");
    }

    @Test
    void a_new_first_line_gets_the_end_of_the_line_behind_it() {
        assertThat(LineEnds.restored("new\na\nb\n", "a\r\nb\r\n")).isEqualTo("new\r\na\r\nb\r\n");
    }

    @Test
    void a_last_line_without_an_end_gets_one_only_where_another_follows() {
        assertThat(LineEnds.restored("a\nb\nc", "a\r\nb")).isEqualTo("a\r\nb\r\nc");
        assertThat(LineEnds.restored("a\nB", "a\r\nb")).isEqualTo("a\r\nB");
        assertThat(LineEnds.restored("a\nb\n", "a\r\nb")).isEqualTo("a\r\nb\r\n");
        assertThat(LineEnds.restored("a\nb", "a\r\nb\r\n")).isEqualTo("a\r\nb");
    }

    @Test
    void lines_that_were_taken_out_leave_the_others_as_they_were() {
        assertThat(LineEnds.restored("\uFEFFone\nfour\nlast", MIXED)).isEqualTo("\uFEFFone\r\nfour\r\nlast");
    }

    @Test
    void a_new_text_has_line_feeds() {
        assertThat(LineEnds.restored("a\nb\n", "")).isEqualTo("a\nb\n");
    }

    /** Whatever ends the lines have, and whichever one is changed. */
    @Test
    void in_any_mixture_one_changed_line_changes_nothing_else() {
        Random random = new Random(19);
        for (int round = 0; round < 500; round++) {
            int lines = 1 + random.nextInt(30);
            String[] ends = IntStream.range(0, lines)
                    .mapToObj(i -> new String[] {"\n", "\r\n", "\r"}[random.nextInt(3)])
                    .toArray(String[]::new);
            if (random.nextBoolean()) {
                ends[lines - 1] = "";
            }
            int changed = random.nextInt(lines);
            String stored = text(lines, ends, -1);
            String wanted = text(lines, ends, changed);

            assertThat(LineEnds.restored(asTyped(wanted), stored)).isEqualTo(wanted);
        }
    }

    private static String text(int lines, String[] ends, int changed) {
        return IntStream.range(0, lines)
                .mapToObj(i -> (i == changed ? "changed" : "line " + i) + ends[i])
                .collect(Collectors.joining());
    }

    /** As an editor or a browser hands it on. */
    private static String asTyped(String text) {
        return text.replaceAll("\r\n?", "\n");
    }
}

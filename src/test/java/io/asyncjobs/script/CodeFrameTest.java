package io.asyncjobs.script;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.testsupport.Fast;
import org.junit.jupiter.api.Test;

@Fast
class CodeFrameTest {

    @Test
    void place_is_marked_under_its_line() {
        assertThat(CodeFrame.of("const a = 1;\n\tthrow new Error();", 2, 8))
                .isEqualTo("2 | \tthrow new Error();\n    \t      ^");
    }

    @Test
    void of_a_long_line_the_part_around_the_place_is_shown() {
        String frame = CodeFrame.of("x".repeat(10_000) + "!" + "y".repeat(10_000), 1, 10_001);

        assertThat(frame.length()).isLessThan(400);
        String[] lines = frame.split("\n", 2);
        assertThat(lines[0].charAt(lines[1].indexOf('^'))).isEqualTo('!');
    }

    @Test
    void place_outside_of_the_script_has_no_frame() {
        assertThat(CodeFrame.of("return 1", 2, 1)).isEmpty();
        assertThat(CodeFrame.of("return 1", 1, 99)).isEmpty();
        assertThat(CodeFrame.of("", 1, 1)).isEmpty();
    }
}

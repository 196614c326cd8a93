package io.asyncjobs.platform.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.platform.text.InvisibleDifference.Kind;
import io.asyncjobs.testsupport.Fast;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Fast
class InvisibleDifferenceTest {

    @ParameterizedTest
    @CsvSource({
        "'a\nb\n', 'a\r\nb\r\n', LINE_ENDS",
        "'a\nb', 'a  \nb', TRAILING_BLANKS",
        "'a\n', '\uFEFFa\n', BYTE_ORDER_MARK",
        "'a\nb\n', 'a\nb', FINAL_NEWLINE",
        "'a\nb\n', 'a\nb\n\n', FINAL_NEWLINE",
        "'\u00E9', 'e\u0301', UNICODE_NORMALISATION",
        "'a b', 'a\u00A0b', INVISIBLE_CHARACTERS",
        "'ab', 'a\u200Bb', INVISIBLE_CHARACTERS",
        "'ab', 'a\u202Eb', INVISIBLE_CHARACTERS"
    })
    void one_kind_is_named(String before, String after, Kind kind) {
        assertThat(InvisibleDifference.between(before, after).orElseThrow().kinds())
                .isEqualTo(Set.of(kind));
        assertThat(InvisibleDifference.between(after, before).orElseThrow().kinds())
                .isEqualTo(Set.of(kind));
    }

    @Test
    void place_names_what_cannot_be_seen() {
        InvisibleDifference difference =
                InvisibleDifference.between("x\na b\n", "x\na\u00A0b\r\n").orElseThrow();

        assertThat(difference.kinds()).isEqualTo(Set.of(Kind.INVISIBLE_CHARACTERS, Kind.LINE_ENDS));
        assertThat(difference.places())
                .containsExactly(new InvisibleDifference.Place(
                        2, "a b⟨LF line end⟩", "a⟨no-break space U+00A0⟩b⟨CR LF line end⟩"));
    }

    @Test
    void difference_that_can_be_seen_is_none() {
        assertThat(InvisibleDifference.between("a", "b")).isEmpty();
        assertThat(InvisibleDifference.between("a", "a")).isEmpty();
        assertThat(InvisibleDifference.between("ab", "a b")).isEmpty();
    }
}

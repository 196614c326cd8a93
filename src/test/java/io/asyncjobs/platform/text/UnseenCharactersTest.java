package io.asyncjobs.platform.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.testsupport.Fast;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Fast
class UnseenCharactersTest {

    @ParameterizedTest
    @CsvSource({
        "a\u00A0b, a⟨no-break space U+00A0⟩b",
        "a\u202Fb, a⟨narrow no-break space U+202F⟩b",
        "a\u3000b, a⟨ideographic space U+3000⟩b",
        "a\u200Bb, a⟨zero width space U+200B⟩b",
        "a\u200Db, a⟨zero width joiner U+200D⟩b",
        "a\u00ADb, a⟨soft hyphen U+00AD⟩b",
        "a\uFEFFb, a⟨byte order mark U+FEFF⟩b",
        "a\u202Eb, a⟨right-to-left override U+202E⟩b",
        "a\u2067b, a⟨right-to-left isolate U+2067⟩b",
        "a\u200Eb, a⟨left-to-right mark U+200E⟩b",
        "a\u3164b, a⟨hangul filler U+3164⟩b",
        "a\uFE0Fb, a⟨variation selector-16 U+FE0F⟩b",
        "a\uDB40\uDC41b, a⟨tag latin capital letter a U+E0041⟩b",
        "a\u2028b, a⟨line separator U+2028⟩b"
    })
    void what_cannot_be_seen_has_its_name(String text, String named) {
        assertThat(UnseenCharacters.named(text)).isEqualTo(named);
    }

    @Test
    void blanks_are_named_at_the_end_of_a_line_only() {
        assertThat(UnseenCharacters.named("  a b ")).isEqualTo("  a b⟨trailing space⟩");
        assertThat(UnseenCharacters.named("a\t")).isEqualTo("a⟨trailing tab⟩");
        assertThat(UnseenCharacters.named("\ta   \t\t\nb "))
                .isEqualTo("\ta⟨3 trailing spaces⟩⟨2 trailing tabs⟩\nb⟨trailing space⟩");
        assertThat(UnseenCharacters.named("a \r")).isEqualTo("a⟨trailing space⟩⟨CR U+000D⟩");
        assertThat(UnseenCharacters.named("a \u00A0")).isEqualTo("a⟨trailing space⟩⟨no-break space U+00A0⟩");
        assertThat(UnseenCharacters.named("   ")).isEqualTo("⟨3 trailing spaces⟩");
    }

    @Test
    void what_can_be_seen_stays_as_it_is() {
        String text = "const größe = '\uD83D\uDE00'; // 分\n\tlog.info(größe)";

        assertThat(UnseenCharacters.named(text)).isEqualTo(text);
    }
}

package io.asyncjobs.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.asyncjobs.testsupport.Fast;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Fast
class NameTest {

    @Test
    void name_is_trimmed_and_composed() {
        assertThat(Name.of("\u00a0 Cafe\u0301  ").text()).isEqualTo("Caf\u00e9");
    }

    @ParameterizedTest
    @CsvSource({"Close Queries,close queries", "STRASSE,straße", "ΟΔΟΣ,οδος", "οδοσ,οδος", "Café,CAFÉ", "ﬁx,FIX"})
    void names_that_differ_by_case_or_form_are_the_same(String one, String other) {
        assertThat(Name.of(one).key()).isEqualTo(Name.of(other).key());
        assertThat(Name.key(one)).isEqualTo(Name.of(one).key());
    }

    @Test
    void joiners_stay_but_do_not_tell_names_apart() {
        assertThat(Name.of("ad\u200dmin").text()).isEqualTo("ad\u200dmin");
        assertThat(Name.of("ad\u200dmin").key()).isEqualTo("admin");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "   ",
                "\u00a0",
                ".",
                "..",
                "a\nb",
                "a\u0000b",
                "a\u001bb",
                "a\u007fb",
                "a\u202eb",
                "a\u2066b",
                "a\u200bb",
                "a\u2028b",
                "a\ufeffb",
                "\ud800",
                "a\udc00"
            })
    void what_cannot_be_seen_is_no_name(String raw) {
        assertThat(Name.fault(raw)).isNotNull();
        assertThat(Name.key(raw)).isEmpty();
        assertThatThrownBy(() -> Name.of(raw)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void joiners_alone_are_no_name() {
        assertThat(Name.fault("\u200d\u200c")).isEqualTo("must not be blank");
    }

    @Test
    void length_is_counted_in_characters_after_normalisation() {
        assertThat(Name.fault("\ud83d\ude00".repeat(200))).isNull();
        assertThat(Name.fault("e\u0301".repeat(200))).isNull();
        assertThat(Name.fault("a".repeat(201))).isEqualTo("must be at most 200 characters long, was 201");
        assertThat(Name.fault("a".repeat(10_000_000))).contains("at most 200");
    }
}

package io.asyncjobs.script.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.testsupport.Fast;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Fast
class ExactNumbersTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "9007199254740993|$",
                "[1, {\"a\\\"b\": [0, -9007199254740993]}]|$[1][\"a\\\"b\"][1]",
                "{\"a\": {\"x\": 1}, \"id\": 3544790567247868102}|$.id",
                "[[], {}, 9007199254740993.0]|$[2]",
                "{\"n\": 1e400}|$.n",
                "[\"9007199254740993\", 12345678901234567890]|$[1]",
            })
    void number_that_would_become_another_is_named_whoever_wrote_it(String json, String path) {
        assertThat(ExactNumbers.problem(json, true)).startsWith(" at " + path + " is ");
        assertThat(ExactNumbers.problem(json, false)).startsWith(" at " + path + " is ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "9007199254740992",
                "9007199254740994",
                "-0",
                "1e23",
                "6.02214076e23",
                "0.12345678901234567890",
                "\"9007199254740993\"",
                "{\"9007199254740993\": [true, null, 5e-324]}",
                "[1, 2",
            })
    void what_arrives_as_it_is_has_no_problem(String json) {
        assertThat(ExactNumbers.problem(json, true)).isNull();
        assertThat(ExactNumbers.problem(json, false)).isNull();
    }

    @Test
    void digits_that_javascript_writes_are_its_number_only_where_it_may_have_written_them() {
        assertThat(ExactNumbers.problem("[123456789012345680000]", true)).isNull();
        assertThat(ExactNumbers.problem("[123456789012345680000]", false))
                .startsWith(" at $[0] is 123456789012345680000");
    }

    @Test
    void such_numbers_come_as_text_when_asked_for() {
        assertThat(ExactNumbers.asText("{\"a\":[9007199254740993,1.5,0.12345678901234567890,1e400],\"b\":7}"))
                .isEqualTo("{\"a\":[\"9007199254740993\",1.5,\"0.12345678901234567890\",\"1e400\"],\"b\":7}");
        assertThat(ExactNumbers.asText("{\"a\":[1,1e3,0.1]}")).isNull();
    }
}

package io.asyncjobs.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.asyncjobs.testsupport.Fast;
import java.time.DateTimeException;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Fast
class InstantsTest {

    @ParameterizedTest
    @ValueSource(strings = {"0001-01-01T00:00:00Z", "2026-01-31T12:00:00.123456789Z", "9999-12-31T23:59:59Z"})
    void instant_of_four_digits_is_taken(String text) {
        assertThat(Instants.bounded(Instant.parse(text))).isEqualTo(text);
    }

    /** The last two are rounded up to a year of five digits where microseconds are kept. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0000-12-31T23:59:59.999999999Z",
                "+10000-01-01T00:00:00Z",
                "9999-12-31T23:59:59.999999999Z",
                "9999-12-31T23:59:59.9999996Z"
            })
    void instant_before_and_after_is_refused(String text) {
        assertThatThrownBy(() -> Instants.bounded(Instant.parse(text))).isInstanceOf(DateTimeException.class);
    }
}

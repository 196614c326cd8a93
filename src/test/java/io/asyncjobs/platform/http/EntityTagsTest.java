package io.asyncjobs.platform.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.asyncjobs.platform.problem.MalformedException;
import io.asyncjobs.platform.problem.PreconditionMissingException;
import io.asyncjobs.platform.problem.StaleException;
import io.asyncjobs.testsupport.Fast;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Fast
class EntityTagsTest {

    private static final String CURRENT = EntityTags.strong("7");

    @ParameterizedTest
    @ValueSource(strings = {"\"7\"", "*", " * ", "\"6\", \"7\"", "\"6\",\"7\"", "W/\"1\", \"7\"", " \"7\" "})
    void change_based_on_the_present_state_passes(String ifMatch) {
        assertThatCode(() -> EntityTags.requireMatch(ifMatch, CURRENT)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"6\"", "W/\"7\"", "\"\""})
    void change_based_on_another_state_is_stale(String ifMatch) {
        assertThatThrownBy(() -> EntityTags.requireMatch(ifMatch, CURRENT)).isInstanceOf(StaleException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"7", "\"7", "\"7\" \"8\"", "7\"", ",", "\"7\"x"})
    void tags_must_be_quoted(String ifMatch) {
        assertThatThrownBy(() -> EntityTags.requireMatch(ifMatch, CURRENT)).isInstanceOf(MalformedException.class);
    }

    @Test
    void change_based_on_nothing_is_refused() {
        assertThatThrownBy(() -> EntityTags.requireMatch(null, CURRENT))
                .isInstanceOf(PreconditionMissingException.class);
        assertThatCode(() -> EntityTags.requireMatchIfGiven(null, CURRENT)).doesNotThrowAnyException();
    }

    @Test
    void reader_may_know_the_state_weakly() {
        assertThat(EntityTags.isKnown("W/\"7\"", CURRENT)).isTrue();
        assertThat(EntityTags.isKnown("\"7\"", CURRENT)).isTrue();
        assertThat(EntityTags.isKnown("*", CURRENT)).isTrue();
        assertThat(EntityTags.isKnown("\"6\"", CURRENT)).isFalse();
        assertThat(EntityTags.isKnown(null, CURRENT)).isFalse();
    }
}

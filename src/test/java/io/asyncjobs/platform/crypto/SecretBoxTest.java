package io.asyncjobs.platform.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.asyncjobs.testsupport.Fast;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Fast
class SecretBoxTest {

    private static final String OLD = SecretBox.newKey("old");
    private static final String NEW = SecretBox.newKey("new");
    private static final byte[] SECRET = "hunter2".getBytes(StandardCharsets.UTF_8);

    @Test
    void what_is_sealed_opens_in_its_place_only() {
        SecretBox box = box(null, OLD);

        byte[] sealed = box.seal(SECRET, "here");

        assertThat(new String(sealed, StandardCharsets.ISO_8859_1)).doesNotContain("hunter2");
        assertThat(box.open(sealed, "here")).isEqualTo(SECRET);
        assertThatThrownBy(() -> box.open(sealed, "there"))
                .isInstanceOf(UnreadableSecretException.class)
                .hasMessageContaining("old");
    }

    @Test
    void nothing_can_be_altered() {
        SecretBox box = box(null, OLD);
        byte[] sealed = box.seal(SECRET, "here");

        for (int i = 0; i < sealed.length; i++) {
            byte[] altered = sealed.clone();
            altered[i] ^= 1;
            assertThatThrownBy(() -> box.open(altered, "here")).isInstanceOf(UnreadableSecretException.class);
        }
        for (int length = 0; length < sealed.length; length++) {
            byte[] cut = Arrays.copyOf(sealed, length);
            assertThatThrownBy(() -> box.open(cut, "here")).isInstanceOf(UnreadableSecretException.class);
        }
    }

    @Test
    void no_two_sealed_are_equal() {
        SecretBox box = box(null, OLD);
        Set<String> sealed = new HashSet<>();

        for (int i = 0; i < 1000; i++) {
            sealed.add(Arrays.toString(box.seal(SECRET, "here")));
        }

        assertThat(sealed).hasSize(1000);
    }

    @Test
    void keys_are_rotated() {
        byte[] before = box(null, OLD).seal(SECRET, "here");
        SecretBox both = box("new", OLD, NEW);

        byte[] after = both.seal(SECRET, "here");

        assertThat(both.open(before, "here")).isEqualTo(SECRET);
        assertThat(box(null, NEW).open(after, "here")).isEqualTo(SECRET);
        assertThatThrownBy(() -> box(null, NEW).open(before, "here"))
                .isInstanceOf(UnreadableSecretException.class)
                .hasMessageContaining("'old' is not configured");
        assertThat(box(null, NEW, OLD).seal(SECRET, "here")).contains((byte) 'n', (byte) 'e', (byte) 'w');
    }

    @Test
    void without_a_key_nothing_is_sealed() {
        SecretBox box = box(null);

        assertThat(box.hasKey()).isFalse();
        assertThatThrownBy(() -> box.seal(SECRET, "here")).isInstanceOf(MissingKeyException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hunter2", "k1:hunter2", "k1:aHVudGVyMg==", ":aHVudGVyMg==", "k 1:AAAA", "k1:a", "k1:"})
    void what_is_no_key_is_refused_and_not_shown(String key) {
        assertThatThrownBy(() -> box(null, key))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("asyncjobs.encryption.keys")
                .message()
                .doesNotContain("hunter2", "aHVudGVyMg");
    }

    @Test
    void keys_must_be_told_apart() {
        assertThatThrownBy(() -> box(null, OLD, OLD)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> box("none", OLD)).isInstanceOf(IllegalArgumentException.class);
    }

    private static SecretBox box(@Nullable String primary, String... keys) {
        return new SecretBox(new EncryptionConfig() {
            @Override
            public Optional<List<String>> keys() {
                return keys.length == 0 ? Optional.empty() : Optional.of(List.of(keys));
            }

            @Override
            public Optional<String> primaryKey() {
                return Optional.ofNullable(primary);
            }
        });
    }
}

package io.asyncjobs.platform.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.testsupport.Fast;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** {@code openapi-3.0.yaml} says all that {@code openapi.yaml} says, in the words of OpenAPI 3.0. */
@Fast
class EarlierVersionTest {

    private final Map<String, Object> later = read("openapi.yaml");
    private final Map<String, Object> earlier = read("openapi-3.0.yaml");

    @Test
    void both_documents_say_the_same() {
        assertThat(earlier).containsEntry("openapi", "3.0.3");
        assertThat(earlier.keySet()).isEqualTo(later.keySet());
        for (String part : List.of("components", "paths", "security", "servers")) {
            assertThat(plain(earlier.get(part))).as(part).isEqualTo(plain(later.get(part)));
        }
    }

    @Test
    void no_word_of_the_later_version_is_left() throws IOException {
        assertThat(Files.readString(Path.of("openapi-3.0.yaml")))
                .doesNotContainPattern("(?m)^ +(examples|oneOf|const|contentMediaType|contentEncoding):")
                .doesNotContainPattern("(?m)^ +- \"?null\"?$")
                .contains("nullable: true");
    }

    /** Written one way, whatever the version: {@code nullable}, one {@code example}, and words beside a reference. */
    private static @Nullable Object plain(@Nullable Object part) {
        if (part instanceof List<?> list) {
            return list.stream().map(EarlierVersionTest::plain).toList();
        }
        if (!(part instanceof Map<?, ?> map)) {
            return part;
        }
        Map<String, Object> plain = new TreeMap<>();
        map.forEach((word, value) -> plain.put(String.valueOf(word), value));
        if (plain.get("type") instanceof List<?> types) {
            List<Object> others = new ArrayList<>(types);
            if (others.remove("null")) {
                plain.put("nullable", true);
            }
            plain.put("type", others.getFirst());
        }
        if (plain.get("examples") instanceof List<?> examples) {
            plain.remove("examples");
            plain.put("example", examples.getFirst());
        }
        if (plain.get("oneOf") instanceof List<?> either && either.contains(Map.of("type", "null"))) {
            plain.remove("oneOf");
            plain.put("nullable", true);
            plain.put("$ref", ((Map<?, ?>) either.getFirst()).get("$ref"));
        }
        if (plain.get("allOf") instanceof List<?> all) {
            plain.remove("allOf");
            plain.put("$ref", ((Map<?, ?>) all.getFirst()).get("$ref"));
        }
        if (plain.containsKey("$ref")) {
            // It says these itself
            plain.keySet().removeAll(List.of("type", "pattern"));
            if (plain.get("default") instanceof Map) {
                plain.remove("default");
            }
        }
        plain.replaceAll((word, value) -> plain(value));
        return plain;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> read(String file) {
        try {
            return (Map<String, Object>)
                    new Load(LoadSettings.builder().build()).loadFromString(Files.readString(Path.of(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

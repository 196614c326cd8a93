package io.asyncjobs.provisioning;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.platform.json.StoredJson;
import io.asyncjobs.testsupport.Fast;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Fast
class ManifestWriterTest {

    private static final int CASES = 10_000;
    private static final List<String> LOOK_ALIKES = List.of(
            "no",
            "on",
            "~",
            "null",
            "true",
            "1e3",
            "0o7",
            "0x1F",
            "2026-01-01",
            ".5",
            "-",
            "- a",
            "a: b",
            "#",
            "a #b",
            "*x",
            "&x",
            "!x",
            "%",
            "@x",
            "`",
            "'",
            "\"",
            "|",
            ">",
            "{}",
            "[]",
            "? a",
            "---",
            "...",
            "<<",
            "=",
            "",
            " ");
    private static final List<String> NUMBERS = List.of(
            "0",
            "-0",
            "1",
            "-1",
            "1.10",
            "1e3",
            "1E+5",
            "0.1e-7",
            "9007199254740993",
            "12345678901234567890",
            "0.12345678901234567890123",
            "-0.0");
    private static final List<String> PIECES = List.of(
            "a",
            " ",
            "  ",
            "\t",
            "\n",
            "\n\n",
            "\r\n",
            "\r",
            "\uFEFF",
            "\u200B",
            "\u00A0",
            "\u0085",
            "\u2028",
            "ä",
            "漢",
            "😀",
            "'",
            "\"",
            "\\",
            "#",
            ": ",
            "- ",
            "return 1;",
            "//",
            "`${x}`",
            "---",
            "...",
            "\u0007",
            "%",
            "\n ",
            "\n\t");

    @Test
    void whatever_a_manifest_holds_survives_yaml_and_zip() {
        Random random = new Random(20261202);
        for (int i = 0; i < CASES; i++) {
            ObjectNode manifest = manifest(random);

            assertThat(read(ManifestWriter.yaml(manifest), Map.of()))
                    .as("case %d", i)
                    .isEqualTo(manifest.toString());
            if (i % 10 == 0) {
                Map<String, byte[]> files = ManifestArchive.read(ManifestWriter.zip(manifest));
                assertThat(read(Objects.requireNonNull(files.get("jobs.yaml")), files))
                        .isEqualTo(manifest.toString());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"return 1", "return 1\n", "return 1;  \n\n  \n\treturn 2\n\n", " a", "\na\n", "#a\n# b", "a\t \n"
            })
    void script_without_carriage_returns_is_a_block(String script) {
        ObjectNode manifest = manifest(script);

        String yaml = new String(ManifestWriter.yaml(manifest), StandardCharsets.UTF_8);

        assertThat(yaml).contains("script: |").doesNotContain("scriptBase64");
        assertThat(read(yaml.getBytes(StandardCharsets.UTF_8), Map.of())).isEqualTo(manifest.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nb", "\uFEFFreturn 1", "a\u2028b", "\u0007"})
    void script_that_no_block_holds_is_base64(String script) {
        assertThat(new String(ManifestWriter.yaml(manifest(script)), StandardCharsets.UTF_8))
                .contains("scriptBase64: ");
    }

    @Test
    void same_content_gives_same_bytes() {
        ObjectNode manifest = manifest(new Random(1));

        assertThat(ManifestWriter.yaml(manifest)).isEqualTo(ManifestWriter.yaml(manifest));
        assertThat(ManifestWriter.zip(manifest)).isEqualTo(ManifestWriter.zip(manifest));
    }

    private static ObjectNode manifest(String script) {
        ObjectNode manifest = Objects.requireNonNull(StoredJson.object("{}"));
        manifest.putArray("jobs").addObject().put("name", "a").put("script", script);
        return manifest;
    }

    private static ObjectNode manifest(Random random) {
        ObjectNode manifest = Objects.requireNonNull(StoredJson.object("{}"));
        ArrayNode jobs = manifest.putArray("jobs");
        for (int i = random.nextInt(3); i >= 0; i--) {
            ObjectNode job = jobs.addObject().put("name", text(random));
            job.put("description", text(random));
            job.set("parameters", object(random, 3));
            job.put("script", script(random));
        }
        return manifest;
    }

    private static ObjectNode object(Random random, int depth) {
        ObjectNode object = Objects.requireNonNull(StoredJson.object("{}"));
        for (int i = random.nextInt(4); i > 0; i--) {
            object.set(text(random), value(random, depth - 1));
        }
        return object;
    }

    private static JsonNode value(Random random, int depth) {
        return switch (random.nextInt(depth > 0 ? 7 : 4)) {
            case 0 -> object("v", text(random)).path("v");
            case 1 -> json(NUMBERS.get(random.nextInt(NUMBERS.size())));
            case 2 -> json(random.nextBoolean() ? "true" : "null");
            case 3 ->
                json(new BigDecimal(random.nextLong())
                        .movePointLeft(random.nextInt(20))
                        .toPlainString());
            case 4 -> {
                ArrayNode items = (ArrayNode) json("[]");
                for (int i = random.nextInt(3); i > 0; i--) {
                    items.add(value(random, depth - 1));
                }
                yield items;
            }
            default -> object(random, depth);
        };
    }

    private static ObjectNode object(String name, String text) {
        return Objects.requireNonNull(StoredJson.object("{}")).put(name, text);
    }

    private static JsonNode json(String text) {
        return Objects.requireNonNull(StoredJson.tree(text));
    }

    private static String text(Random random) {
        return random.nextBoolean() ? LOOK_ALIKES.get(random.nextInt(LOOK_ALIKES.size())) : script(random);
    }

    private static String script(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(8); i >= 0; i--) {
            text.append(PIECES.get(random.nextInt(PIECES.size())));
        }
        return text.toString();
    }

    /** What the manifest says, with scripts inline again. */
    private static String read(byte[] yaml, Map<String, byte[]> files) {
        ObjectNode manifest = Objects.requireNonNull(
                StoredJson.object(ManifestYaml.toJson(new String(yaml, StandardCharsets.UTF_8), new Places(null))));
        for (JsonNode entry : manifest.path("jobs")) {
            ObjectNode job = (ObjectNode) entry;
            JsonNode base64 = job.remove("scriptBase64");
            JsonNode file = job.remove("scriptFile");
            if (base64 != null) {
                job.put("script", new String(Base64.getDecoder().decode(base64.asText()), StandardCharsets.UTF_8));
            } else if (file != null) {
                job.put("script", new String(Objects.requireNonNull(files.get(file.asText())), StandardCharsets.UTF_8));
            }
        }
        return manifest.toString();
    }
}

package io.asyncjobs.platform.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.MalformedException;
import io.asyncjobs.platform.problem.Violation;
import io.asyncjobs.platform.shape.ForScripts;
import io.asyncjobs.testsupport.Fast;
import jakarta.validation.Validation;
import jakarta.validation.Validator;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.hibernate.validator.messageinterpolation.ParameterMessageInterpolator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Fast
class StrictJsonTest {

    enum Kind {
        @JsonProperty("person")
        PERSON,
        @JsonProperty("system")
        SYSTEM
    }

    record Nested(@Min(0) int depth, @Nullable String note) {}

    record Draft(
            @NotBlank @Size(max = 20) String name,
            @Schema(defaultValue = "60") @Min(1) @Max(300) int pollIntervalSeconds,
            @Schema(defaultValue = "{}") ObjectNode parameters,
            @Nullable String associatedUser,
            @Schema(defaultValue = "person") Kind kind,
            @Schema(defaultValue = "true") boolean active,
            @Schema(defaultValue = "[]") List<Nested> nested,
            @Nullable Instant until,
            @Nullable JsonNode free,
            @ForScripts @Nullable JsonNode seen) {}

    private static final Validator VALIDATOR = Validation.byDefaultProvider()
            .configure()
            .messageInterpolator(new ParameterMessageInterpolator())
            .buildValidatorFactory()
            .getValidator();

    private final StrictJson json = new StrictJson(new ObjectMapper().registerModule(new JavaTimeModule()), VALIDATOR);

    @Test
    void absent_fields_take_their_defaults() {
        Draft draft = read("{\"name\": \"sync\"}");

        assertThat(draft.name()).isEqualTo("sync");
        assertThat(draft.pollIntervalSeconds()).isEqualTo(60);
        assertThat(draft.parameters()).isEmpty();
        assertThat(draft.associatedUser()).isNull();
        assertThat(draft.kind()).isEqualTo(Kind.PERSON);
        assertThat(draft.active()).isTrue();
        assertThat(draft.nested()).isEmpty();
    }

    @Test
    void given_fields_are_taken() {
        Draft draft = read("""
                {"name": "n", "pollIntervalSeconds": 5, "parameters": {"a": [1.5, null, "x"]}, "associatedUser": "ada",
                 "kind": "system", "active": false, "nested": [{"depth": 3}], "until": "2026-01-01T01:00:00+01:00",
                 "free": [1]}
                """);

        assertThat(draft.pollIntervalSeconds()).isEqualTo(5);
        assertThat(draft.parameters()).hasToString("{\"a\":[1.5,null,\"x\"]}");
        assertThat(draft.kind()).isEqualTo(Kind.SYSTEM);
        assertThat(draft.nested()).containsExactly(new Nested(3, null));
        assertThat(draft.until()).isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0        | must be a whole number from 1 to 300, was 0",
                "301      | must be a whole number from 1 to 300, was 301",
                "-1       | must be a whole number from 1 to 300, was -1",
                "1.5      | must be a whole number from 1 to 300, was 1.5",
                "\"5\"    | must be a whole number from 1 to 300, was a text",
                "true     | must be a whole number from 1 to 300, was true",
                "[5]      | must be a whole number from 1 to 300, was an array",
                "1e400    | must be a whole number from 1 to 300, was 1e400",
                "1e-400   | must be a whole number from 1 to 300, was 1e-400",
                "1e999999999 | must be a whole number from 1 to 300, was 1e999999999",
                "1e-999999999 | must be a whole number from 1 to 300, was 1e-999999999",
                "1e99999999999 | must be a number that a computer can hold",
                "9223372036854775808 | must be a whole number from 1 to 300, was 9223372036854775808",
                "4294967297 | must be a whole number from 1 to 300, was 4294967297",
                "null     | must not be null",
                "60, \"pollIntervalSeconds\": 61 | is given more than once",
            })
    void interval_that_is_not_right_is_named(String value, String message) {
        assertThat(violations("{\"name\": \"n\", \"pollIntervalSeconds\": " + value + "}"))
                .containsExactly(new Violation("pollIntervalSeconds", message));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.10", "1e3", "1E+3", "-0", "-0.0", "0.12345678901234567890",
                        "123456789.012345678901234567890123456789",
                "5e-324", "1.7976931348623157e308", "9007199254740991", "-9007199254740992", "1e22", "1e23", "1.50E-2",
                "6.02214076e23"
            })
    void number_keeps_the_text_it_was_written_with(String number) {
        String text = "{\"a\":[" + number + ",{\"b\":" + number + "}]}";
        Draft draft = read("{\"name\": \"n\", \"parameters\": " + text + ", \"seen\": " + text + "}");

        assertThat(draft.parameters()).hasToString(text);
        assertThat(draft.seen()).hasToString(text);
        assertThat(json.patched(draft, patch("{\"name\": \"other\"}"), Draft.class)
                        .parameters())
                .as("from tree to tree")
                .hasToString(text);
        assertThat(json.patched(draft, patch("{\"parameters\": {\"c\": " + number + "}}"), Draft.class)
                        .parameters())
                .hasToString(text.replace("}]}", "}],\"c\":" + number + "}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "9007199254740993 | 9007199254740992",
                "3544790567247868102 | 3544790567247868000",
                "-9223372036854775808 | -9223372036854776000",
                "9007199254740993.0 | 9007199254740992",
                "9.007199254740993e15 | 9007199254740992",
                "123456789012345678901234567890 | 1.2345678901234568E+29",
                "1152921504606846976 | 1152921504606847000",
                "123456789012345680000 | 123456789012345683968",
                "100000000000000000000000 | 99999999999999991611392",
            })
    void whole_number_that_javascript_would_change_is_refused_where_a_script_reads_it(String sent, String changed) {
        assertThat(violations("{\"name\": \"n\", \"seen\": {\"a.b\": [" + sent + "]}, \"free\": " + sent + "}"))
                .containsExactly(new Violation(
                        "seen[\"a.b\"][0]",
                        "must be a whole number that JavaScript can hold, or a text in quotes: " + sent
                                + " would become " + changed));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "plain | /seen/plain",
                "a.b | /seen/a.b",
                "a/b~c | /seen/a~1b~0c",
                "a[0] | /seen/a[0]",
                "say \\\"x\\\" \\\\ | /seen/say \"x\" \\",
                "'' | /seen/",
                "\"]. | /seen/\"].",
            })
    void pointer_names_a_key_whatever_characters_it_has(String key, String pointer) {
        String escaped = key.startsWith("\"") ? "\\" + key : key;

        assertThat(violations("{\"name\": \"n\", \"seen\": {\"" + escaped + "\": 1e400}}"))
                .extracting(Violation::pointer)
                .containsExactly(pointer);
    }

    @Test
    void text_that_is_no_unicode_is_refused_with_its_path() {
        assertThat(violations("{\"name\": \"n\", \"seen\": {\"a\": [\"\\ud800b\"], \"k\\udc00\": 1}}"))
                .extracting(Violation::pointer)
                .containsExactly("/seen/a/0", "/seen/k\uFFFD");
    }

    @Test
    void objects_are_the_same_whatever_the_order_of_their_keys_but_not_where_a_number_is_written_otherwise() {
        assertThat(StoredJson.same(
                        "{\"a\":1,\"b\":[{\"c\":1.10,\"d\":\"x\"}]}", "{\"b\":[{\"d\":\"x\",\"c\":1.10}],\"a\":1}"))
                .isTrue();
        assertThat(StoredJson.same("{\"a\":1.10}", "{\"a\":1.1}")).isFalse();
        assertThat(StoredJson.same("{\"a\":1}", "{\"a\":1.0}")).isFalse();
        assertThat(StoredJson.same("{\"a\":[1,2]}", "{\"a\":[2,1]}")).isFalse();
        assertThat(StoredJson.same("{\"a\":1}", "{\"a\":\"1\"}")).isFalse();
        assertThat(StoredJson.same("{}", null)).isFalse();
        assertThat(StoredJson.same(null, null)).isTrue();
    }

    @Test
    void whole_number_may_be_written_with_a_zero_fraction() {
        assertThat(read("{\"name\": \"n\", \"pollIntervalSeconds\": 60.0}").pollIntervalSeconds())
                .isEqualTo(60);
        assertThat(read("{\"name\": \"n\", \"pollIntervalSeconds\": 6e1}").pollIntervalSeconds())
                .isEqualTo(60);
    }

    @Test
    void everything_wrong_is_said_at_once() {
        assertThat(violations("""
                        {"pollIntervalSeconds": 0, "parameters": [], "kind": "robot", "active": "yes", "id": 1,
                         "nested": [{"depth": -1, "x": 1}, 3], "until": "tomorrow", "free": {"a": "\\u0000", "b": 1e400}}
                        """))
                .extracting(Violation::field)
                .containsExactlyInAnyOrder(
                        "name",
                        "pollIntervalSeconds",
                        "parameters",
                        "kind",
                        "active",
                        "nested[0].depth",
                        "nested[0].x",
                        "nested[1]",
                        "until",
                        "free.a",
                        "free.b",
                        "id");
    }

    @Test
    void pointer_follows_the_field() {
        assertThat(new Violation("nested[0].depth", "").pointer()).isEqualTo("/nested/0/depth");
        assertThat(new Violation("a/b~c", "").pointer()).isEqualTo("/a~1b~0c");
        assertThat(new Violation("", "").pointer()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"a\\u0000b\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"  \"", "\"\"", "5", "{}", "null"})
    void text_that_cannot_be_kept_is_refused(String name) {
        assertThat(violations("{\"name\": " + name + "}"))
                .extracting(Violation::field)
                .containsOnly("name");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "[1,2]",
                "null",
                "1",
                "\"text\"",
                "{\"name\": NaN}",
                "{} {}",
                "{",
                "[1",
                "{\"name\": +1}",
                "{\"name\": NaN}",
                "{}x",
                "{'name': 1}",
                "{name: 1}",
                "{\"name\": 01}",
                "{\"name\": \"n\",}",
                "// c\n{}",
                "{\"name\": Infinity}",
                "{\"name\": \"\t\"}",
                "\u0000"
            })
    void what_is_no_json_object_is_malformed(String body) {
        assertThatThrownBy(() -> read(body))
                .isInstanceOf(MalformedException.class)
                .hasMessageNotContainingAny("Source", "JsonReadFeature");
    }

    @Test
    void malformed_json_is_located() {
        MalformedException malformed = catchThrowableOfType(
                MalformedException.class, () -> read("{\n  \"name\": \"n\",\n  \"active\": tru\n}"));

        assertThat(Objects.requireNonNull(malformed.location()).line()).isEqualTo(3);
        assertThat(malformed).hasMessageContaining("line 3, column ");
    }

    @Test
    void depth_is_bounded() {
        assertThatThrownBy(() -> read("{\"free\": " + "[".repeat(100_000) + "]".repeat(100_000) + "}"))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("at most 100 levels");
    }

    @Test
    void other_encodings_are_malformed() {
        assertThatThrownBy(() -> json.read("{\"name\":\"ä\"}".getBytes(StandardCharsets.ISO_8859_1), Draft.class))
                .isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> json.read("{\"name\":\"n\"}".getBytes(StandardCharsets.UTF_16BE), Draft.class))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void patch_changes_what_it_names_and_nothing_else() {
        Draft draft = read("{\"name\": \"n\", \"parameters\": {\"a\": 1, \"b\": 2}, \"associatedUser\": \"ada\"}");

        Draft patched = json.patched(
                draft,
                patch("{\"parameters\": {\"a\": null, \"c\": {\"d\": null, \"e\": 1}}, \"associatedUser\": null}"),
                Draft.class);

        assertThat(patched.name()).isEqualTo("n");
        assertThat(patched.parameters()).hasToString("{\"b\":2,\"c\":{\"e\":1}}");
        assertThat(patched.associatedUser()).isNull();
        assertThat(draft.parameters()).hasToString("{\"a\":1,\"b\":2}");
    }

    @Test
    void patch_may_not_take_away_what_is_needed() {
        Draft draft = read("{\"name\": \"n\"}");

        InvalidException invalid = catchThrowableOfType(
                InvalidException.class,
                () -> json.patched(draft, patch("{\"pollIntervalSeconds\": null, \"colour\": 1}"), Draft.class));

        assertThat(invalid.violations()).extracting(Violation::field).containsExactly("pollIntervalSeconds", "colour");
    }

    private MergePatch patch(String body) {
        return new MergePatch((ObjectNode) json.parse(body));
    }

    private Draft read(String body) {
        return json.read(body.getBytes(StandardCharsets.UTF_8), Draft.class);
    }

    private List<Violation> violations(String body) {
        return catchThrowableOfType(InvalidException.class, () -> read(body)).violations();
    }
}

package io.asyncjobs.run;

import static io.asyncjobs.testsupport.Api.createJob;
import static io.asyncjobs.testsupport.Api.exactApi;
import static io.asyncjobs.testsupport.Api.idleJob;
import static io.asyncjobs.testsupport.Api.startRun;
import static io.asyncjobs.testsupport.Api.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.asyncjobs.testsupport.DatabaseResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** JSON that the API stores arrives as it was sent, or is refused with its path; never is it another one. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class ExactValuesTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Says the seed of what failed: put it here to see it again. */
    private static final long SEED = 19;

    private static final int VALUES = 20_000;
    private static final int AT_ONCE = 500;

    private static final String EXACT = "{\"dose\":1.10,\"ratio\":0.12345678901234567890,\"exp\":1e3,\"zero\":-0,"
            + "\"small\":1.50E-7,\"long\":123456789012345.678901234567890123456789,\"id\":\"3544790567247868102\"}";

    private static final JsonFactory JSON = new JsonFactoryBuilder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxStringLength(100_000_000).build())
            .build();

    @Test
    void minus_zero_keeps_its_sign_in_state_and_result() {
        exactApi()
                .body(
                        Map.of(
                                "script",
                                "await state.set('z', [-0]); const [z] = await state.get('z'); return { kept: Object.is(z, -0), z };"))
                .post("/trials")
                .then()
                .statusCode(200)
                .body("outcome", equalTo("succeeded"))
                .body("result.kept", equalTo(true));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            await state.set('..', 1)                                            | which no address can hold
            await http.get('none', '/', { headers: new Map([['x-a', 'b']]) })   | The headers must be an object of its own
            await http.get('none', '/', new Map([['headers', {}]]))             | The options of http.get must be an object of its own
            """)
    void what_would_be_lost_or_never_be_found_again_is_refused(String script, String words) {
        exactApi()
                .body(Map.of("script", script))
                .post("/trials")
                .then()
                .statusCode(200)
                .body("outcome", equalTo("failed"))
                .body("error.message", containsString(words))
                .body("error.line", equalTo(1));
    }

    @Test
    void parameters_and_their_schema_are_kept_as_they_were_sent() {
        String schema = "{\"type\":\"object\",\"properties\":{\"dose\":{\"minimum\":0.50,\"maximum\":1e3}}}";
        String name = unique("exact");
        String created =
                text(exactApi().body("""
                        {"name":"%s","script":"return 1","pollIntervalSeconds":300,"parameters":%s,"parametersSchema":%s}
                        """.formatted(name, EXACT, schema)).post("/jobs"), 201);
        assertThat(created).contains("\"parameters\":" + EXACT).contains("\"parametersSchema\":" + schema);
        String job = JsonPath.from(created).getString("id");

        assertThat(text(exactApi().get("/jobs/{job}", job), 200)).contains("\"parameters\":" + EXACT);
        assertThat(text(change().body("{\"pollIntervalSeconds\":200}").patch("/jobs/{job}", job), 200))
                .as("what a patch does not name")
                .contains("\"parameters\":" + EXACT)
                .contains("\"parametersSchema\":" + schema);
        String patched = EXACT.replace("1.10", "1.100").replace("}", ",\"more\":[2.0]}");
        assertThat(text(
                        change().body("{\"parameters\":{\"dose\":1.100,\"more\":[2.0]}}")
                                .patch("/jobs/{job}", job),
                        200))
                .contains("\"parameters\":" + patched);
        assertThat(text(exactApi().get("/jobs/{job}/revisions/1", job), 200)).contains("\"parameters\":" + EXACT);
        assertThat(text(exactApi().get("/jobs/{job}/revisions/3", job), 200)).contains("\"parameters\":" + patched);
        assertThat(text(exactApi().queryParams(Map.of("from", 2, "to", 3)).get("/jobs/{job}/diff", job), 200))
                .contains("-    \"dose\" : 1.10,\n")
                .contains("+    \"dose\" : 1.100,\n");
        assertThat(text(change().body("{\"revision\":1}").post("/jobs/{job}/revert", job), 200))
                .contains("\"parameters\":" + EXACT);
        assertThat(text(exactApi().queryParam("entity", job).get("/audit/export"), 200))
                .contains("\"parameters\":" + EXACT)
                .contains("\"parameters\":" + patched);
        assertThat(text(exactApi().queryParam("entity", job).get("/audit"), 200))
                .contains("\"parameters\":" + patched);
    }

    @Test
    void whole_number_that_no_double_holds_is_refused_by_its_pointer_and_stores_nothing() {
        String name = unique("rounded");
        String draft = "{\"name\":\"" + name
                + "\",\"script\":\"return 1\",\"parameters\":{\"id\":3544790567247868102,\"dose\":1.10}}";

        exactApi()
                .body(draft)
                .post("/jobs")
                .then()
                .statusCode(422)
                .body("violations.pointer", contains("/parameters/id"))
                .body(
                        "violations[0].message",
                        equalTo("must be a whole number that JavaScript can hold, or a text in quotes:"
                                + " 3544790567247868102 would become 3544790567247868000"));
        exactApi().get("/jobs/{job}", name).then().statusCode(404);
        exactApi()
                .body("{\"script\":\"return params.id\",\"parameters\":{\"a\":[{\"id\":9007199254740993}]}}")
                .post("/trials")
                .then()
                .statusCode(422)
                .body("violations.pointer", contains("/parameters/a/0/id"));

        String job = idleJob("return 1").getString("id");
        change().body("{\"parameters\":{\"n\":{\"id\":9007199254740993}}}")
                .patch("/jobs/{job}", job)
                .then()
                .statusCode(422)
                .body("violations.pointer", contains("/parameters/n/id"));
        change().body("{\"name\":\"" + name
                        + "\",\"script\":\"return 1\",\"parameters\":{\"x\":1e400,\"y\":\"\\ud800\"}}")
                .put("/jobs/{job}", job)
                .then()
                .statusCode(422)
                .body("violations.pointer", contains("/parameters/x", "/parameters/y"));
        exactApi().get("/jobs/{job}", job).then().body("revision", equalTo(1)).body("parameters", equalTo(Map.of()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.10",
                "1e3",
                "-0",
                "0.12345678901234567890",
                "[1.0,{\"a\":2.50}]",
                "\"9007199254740993\"",
                "9007199254740992"
            })
    void state_is_kept_as_it_was_put(String value) {
        String job = idleJob("return 1").getString("id");

        String put = text(exactApi().body(value).put("/jobs/{job}/state/k", job), 200);
        assertThat(put).contains("\"value\":" + value + ",");
        assertThat(text(exactApi().get("/jobs/{job}/state/k", job), 200)).isEqualTo(put);
        assertThat(text(exactApi().get("/jobs/{job}/state", job), 200)).contains("\"value\":" + value + ",");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "9007199254740993 | /value",
                "1e400 | /value",
                "1e-400 | /value",
                "\"a\\ud800b\" | /value",
                "\"\\u0000\" | /value",
                "{\"a\":{\"b\":[1,9007199254740993]}} | /a/b/1",
                "[{\"c\":1e400}] | /0/c",
                "{\"a.b\":1e400} | /a.b",
                "{\"x\":1,\"x\":2} | /x",
            })
    void state_that_would_arrive_as_something_else_is_refused(String value, String pointer) {
        String job = idleJob("return 1").getString("id");

        exactApi()
                .body(value)
                .put("/jobs/{job}/state/k", job)
                .then()
                .statusCode(422)
                .body("violations.pointer", contains(pointer));
        exactApi().get("/jobs/{job}/state/k", job).then().statusCode(404);
    }

    @Test
    void state_key_that_is_no_text_is_refused_instead_of_another_one_set() {
        String job = idleJob("return 1").getString("id");

        exactApi()
                .urlEncodingEnabled(false)
                .body("1")
                .put("/jobs/" + job + "/state/a%ED%A0%80b")
                .then()
                .statusCode(400)
                .body("detail", equalTo("The path of the address has escapes that are not valid UTF-8."));
        exactApi().urlEncodingEnabled(false).get("/jobs?name=%ff").then().statusCode(400);
        exactApi().get("/jobs/{job}/state", job).then().body("total", equalTo(0));
        exactApi()
                .urlEncodingEnabled(false)
                .body("1")
                .put("/jobs/" + job + "/state/%F0%9F%98%80+%25")
                .then()
                .statusCode(200)
                .body("key", equalTo("\uD83D\uDE00+%"));
    }

    @Test
    void parameters_in_another_order_make_no_revision_and_another_text_of_a_number_does() {
        JsonPath job = createJob(300, "return 1", Map.of("description", "d"));
        String id = job.getString("id");
        assertThat(replaced(job, "{\"a\":{\"x\":1.10,\"y\":[1,2]},\"b\":\"t\"}"))
                .isEqualTo(2);

        assertThat(replaced(job, "{\"b\":\"\\u0074\",\"a\":{\"y\":[1,2],\"x\":1.10}}"))
                .isEqualTo(2);
        assertThat(replaced(job, "{\"a\":{\"x\":1.1,\"y\":[1,2]},\"b\":\"t\"}")).isEqualTo(3);
        assertThat(replaced(job, "{\"a\":{\"x\":1.1,\"y\":[2,1]},\"b\":\"t\"}")).isEqualTo(4);
        assertThat(text(exactApi().get("/jobs/{job}", id), 200))
                .contains("\"parameters\":{\"a\":{\"x\":1.1,\"y\":[2,1]},\"b\":\"t\"}");
    }

    private static int replaced(JsonPath job, String parameters) {
        String answer = text(
                change().body("{\"name\":\"%s\",\"script\":\"return 1\",\"pollIntervalSeconds\":300,\"parameters\":%s}"
                                .formatted(job.getString("name"), parameters))
                        .put("/jobs/{job}", job.getString("id")),
                200);
        return JsonPath.from(answer).getInt("revision");
    }

    @Test
    void twenty_thousand_random_values_arrive_as_they_were_sent_or_are_refused_with_a_path() {
        System.out.println("The seed of " + getClass().getSimpleName() + " is " + SEED);
        Random random = new Random(SEED);
        JsonPath job = idleJob(
                "const byHand = await state.get('byHand'); await state.set('back', params); return { params, byHand };",
                Map.of("limits", Map.of("resultBytes", 1_048_576, "stateChars", 4_194_304)));
        String id = job.getString("id");
        int refused = 0;
        for (int from = 0; from < VALUES; from += AT_ONCE) {
            Map<String, Sample> samples = new LinkedHashMap<>();
            for (int i = 0; i < AT_ONCE; i++) {
                samples.put("v" + (from + i), Sample.random(random));
            }
            refused += roundTrip(job, id, samples);
        }
        assertThat(refused).as("of %d values", VALUES).isBetween(VALUES / 50, VALUES / 2);
    }

    /** How many of the samples were refused. */
    private static int roundTrip(JsonPath job, String id, Map<String, Sample> samples) {
        Set<String> refused = refused(put(job, id, object(samples)), "/parameters/");
        assertThat(refused(exactApi().body(object(samples)).put("/jobs/{job}/state/byHand", id), "/"))
                .as("state refuses what parameters refuse")
                .isEqualTo(refused);
        samples.forEach((key, sample) -> {
            if (refused.contains(key)) {
                assertThat(sample.suspicious()).as("refused: %s", sample.json()).isTrue();
            } else {
                assertThat(sample.wrong()).as("accepted: %s", sample.json()).isFalse();
            }
        });
        samples.keySet().removeAll(refused);
        String sent = object(samples);

        String stored = text(put(job, id, sent), 200);
        assertSame(field(stored, "parameters"), sent, true);
        assertSame(field(text(exactApi().get("/jobs/{job}", id), 200), "parameters"), sent, true);
        assertSame(field(text(exactApi().body(sent).put("/jobs/{job}/state/byHand", id), 200), "value"), sent, true);

        String run = endedRun(startRun(id));
        Object result = Objects.requireNonNull(field(run, "result"), run);
        assertSame(((Map<?, ?>) result).get("params"), sent, false);
        assertSame(((Map<?, ?>) result).get("byHand"), sent, false);
        assertSame(field(text(exactApi().get("/jobs/{job}/state/back", id), 200), "value"), sent, false);
        assertSame(field(text(exactApi().get("/jobs/{job}/state/byHand", id), 200), "value"), sent, true);
        return refused.size();
    }

    private static String endedRun(String run) {
        return await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> text(exactApi().get("/runs/{run}", run), 200), text -> field(text, "outcome") != null);
    }

    private static Response put(JsonPath job, String id, String parameters) {
        return change().body("""
                        {"name":"%s","script":%s,"pollIntervalSeconds":300,"parameters":%s,
                        "limits":{"resultBytes":1048576,"stateChars":4194304}}
                        """.formatted(job.getString("name"), Sample.quoted(job.getString("script")), parameters))
                .put("/jobs/{job}", id);
    }

    /** The top-level keys that the answer refuses. */
    private static Set<String> refused(Response answer, String root) {
        if (answer.statusCode() == 200) {
            return Set.of();
        }
        String text = text(answer, 422);
        List<?> violations = (List<?>) Objects.requireNonNull(field(text, "violations"));
        Set<String> keys = new HashSet<>();
        for (Object violation : violations) {
            String pointer = String.valueOf(((Map<?, ?>) Objects.requireNonNull(violation)).get("pointer"));
            assertThat(pointer).startsWith("\"" + root + "v");
            String rest = pointer.substring(root.length() + 1, pointer.length() - 1);
            keys.add(rest.contains("/") ? rest.substring(0, rest.indexOf('/')) : rest);
        }
        return keys;
    }

    private static String object(Map<String, Sample> samples) {
        return samples.entrySet().stream()
                .map(sample ->
                        "\"" + sample.getKey() + "\":" + sample.getValue().json())
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static RequestSpecification change() {
        return exactApi().header("If-Match", "*");
    }

    private static String text(Response answer, int status) {
        String text = new String(answer.asByteArray(), StandardCharsets.UTF_8);
        assertThat(answer.statusCode()).as(text).isEqualTo(status);
        return text;
    }

    // ---- Reading JSON without a library's idea of a number ----

    /** A number by its text. */
    private record Written(String text) {}

    private static @Nullable Object field(String json, String name) {
        return ((Map<?, ?>) Objects.requireNonNull(read(json))).get(name);
    }

    private static @Nullable Object read(String json) {
        try (JsonParser parser = JSON.createParser(json)) {
            parser.nextToken();
            return read(parser);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static @Nullable Object read(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> {
                Map<String, @Nullable Object> object = new LinkedHashMap<>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    parser.nextToken();
                    object.put(name, read(parser));
                }
                yield object;
            }
            case START_ARRAY -> {
                List<@Nullable Object> array = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    array.add(read(parser));
                }
                yield array;
            }
            // Quoted, so that it is told from a word
            case VALUE_STRING -> "\"" + parser.getText() + "\"";
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Written(parser.getText());
            case VALUE_NULL -> null;
            default -> parser.getText();
        };
    }

    private static void assertSame(@Nullable Object actual, String sent, boolean asWritten) {
        String difference = difference(read(sent), actual, asWritten, "$");
        assertThat(difference).as("seed %d", SEED).isNull();
    }

    private static @Nullable String difference(
            @Nullable Object sent, @Nullable Object actual, boolean asWritten, String path) {
        if (sent instanceof Map<?, ?> a && actual instanceof Map<?, ?> b) {
            if (!a.keySet().equals(b.keySet())) {
                return path + ": keys " + a.keySet() + " and " + b.keySet();
            }
            return a.keySet().stream()
                    .map(key -> difference(a.get(key), b.get(key), asWritten, path + "." + key))
                    .filter(Objects::nonNull)
                    .findFirst()
                    .orElse(null);
        }
        if (sent instanceof List<?> a && actual instanceof List<?> b && a.size() == b.size()) {
            for (int i = 0; i < a.size(); i++) {
                String difference = difference(a.get(i), b.get(i), asWritten, path + "[" + i + "]");
                if (difference != null) {
                    return difference;
                }
            }
            return null;
        }
        boolean same = sent instanceof Written(String a) && actual instanceof Written(String b) && !asWritten
                ? isSameInJavaScript(a, b)
                : Objects.equals(sent, actual);
        return same ? null : path + ": " + sent + " and " + actual;
    }

    /** A whole number is the same, digit by digit; a decimal is the nearest double. */
    private static boolean isSameInJavaScript(String sent, String actual) {
        return isWhole(sent)
                ? new BigDecimal(sent).compareTo(new BigDecimal(actual)) == 0
                : Double.parseDouble(sent) == Double.parseDouble(actual);
    }

    private static boolean isWhole(String number) {
        BigDecimal value = new BigDecimal(number);
        return value.signum() == 0 || value.stripTrailingZeros().scale() <= 0;
    }

    /**
     * A random value.
     *
     * @param suspicious whether something is in it that may be refused
     * @param wrong whether something is in it that must be refused
     */
    private record Sample(String json, boolean suspicious, boolean wrong) {

        private static final List<String> NAMES = List.of(
                "a", "", "__proto__", "constructor", "0", "-1", "toJSON", "a.b", "x/y~z", "[1]", "length", "é", "\"");

        static Sample random(Random random) {
            Writer writer = new Writer(random);
            writer.value(random.nextInt(200) == 0 ? 90 : random.nextInt(5));
            return new Sample(writer.json.toString(), writer.suspicious, writer.wrong);
        }

        static String quoted(String text) {
            return new Writer(new Random(0)).quote(text, false);
        }

        private static final class Writer {

            private final Random random;
            private final StringBuilder json = new StringBuilder();
            private boolean suspicious;
            private boolean wrong;

            Writer(Random random) {
                this.random = random;
            }

            void value(int depth) {
                if (depth > 10) {
                    json.append(depth % 2 == 0 ? "[" : "{\"d\":");
                    value(depth - 1);
                    json.append(depth % 2 == 0 ? "]" : "}");
                    return;
                }
                switch (random.nextInt(depth == 0 ? 8 : 12)) {
                    case 0, 1 -> number(whole());
                    case 2, 3, 4 -> number(decimal());
                    case 5, 6 -> json.append(text());
                    case 7 -> json.append(List.of("true", "false", "null").get(random.nextInt(3)));
                    case 8, 9 -> {
                        json.append('[');
                        int size = random.nextInt(4);
                        for (int i = 0; i < size; i++) {
                            json.append(i > 0 ? "," : "");
                            value(depth - 1);
                        }
                        json.append(']');
                    }
                    default -> {
                        json.append('{');
                        Set<String> names = new HashSet<>();
                        int size = random.nextInt(4);
                        for (int i = 0; i < size; i++) {
                            String name = random.nextBoolean()
                                    ? quote(NAMES.get(random.nextInt(NAMES.size())), true)
                                    : text();
                            if (names.add(String.valueOf(read(name)))) {
                                json.append(names.size() > 1 ? "," : "")
                                        .append(name)
                                        .append(random.nextBoolean() ? ":" : " : ");
                                value(depth - 1);
                            }
                        }
                        json.append('}');
                    }
                }
            }

            private void number(String number) {
                json.append(number);
                double held = Double.parseDouble(number);
                BigDecimal exact = new BigDecimal(number);
                boolean lost = Double.isInfinite(held) || (held == 0 && exact.signum() != 0);
                suspicious |= lost || (isWhole(number) && Math.abs(held) > 0x1p53 - 1);
                // By arithmetic of another kind than the service's
                boolean digits = number.matches("-?[0-9]+");
                wrong |= lost
                        || (digits && Math.abs(held) < 0x1p63 && exact.compareTo(new BigDecimal((long) held)) != 0);
            }

            private String whole() {
                return switch (random.nextInt(6)) {
                    case 0 -> Long.toString(random.nextInt(-1000, 1000));
                    case 1 -> Long.toString((1L << 53) + random.nextInt(-3, 4));
                    case 2 -> Long.toString(random.nextLong() >> random.nextInt(63));
                    case 3 -> (random.nextBoolean() ? "-" : "") + (1 + random.nextInt(9)) + digits(random.nextInt(40));
                    case 4 -> (1 + random.nextInt(9)) + "0".repeat(random.nextInt(30));
                    default -> random.nextBoolean() ? "-0" : "0";
                };
            }

            private String decimal() {
                String number = (random.nextBoolean() ? "-" : "")
                        + (random.nextBoolean() ? "0" : (1 + random.nextInt(9)) + digits(random.nextInt(20)));
                if (random.nextInt(5) > 0) {
                    number += "." + digits(1 + random.nextInt(random.nextInt(5) == 0 ? 200 : 30));
                }
                if (random.nextInt(3) == 0) {
                    number += (random.nextBoolean() ? "e" : "E")
                            + List.of("", "+", "-").get(random.nextInt(3))
                            + random.nextInt(random.nextInt(10) == 0 ? 400 : 25);
                }
                return number;
            }

            private String digits(int count) {
                StringBuilder digits = new StringBuilder();
                for (int i = 0; i < count; i++) {
                    digits.append(random.nextInt(10));
                }
                return digits.toString();
            }

            private String text() {
                StringBuilder text = new StringBuilder();
                int length = random.nextInt(12);
                for (int i = 0; i < length; i++) {
                    int c =
                            switch (random.nextInt(8)) {
                                case 0 -> random.nextInt(0x20);
                                case 1, 2 -> 0x20 + random.nextInt(0x60);
                                case 3 -> 0x2000 + random.nextInt(0x70);
                                case 4 -> random.nextInt(30) == 0 ? 0xD800 + random.nextInt(0x800) : 'x';
                                case 5 -> 0x10000 + random.nextInt(0x100000);
                                default -> random.nextInt(0xD800);
                            };
                    text.appendCodePoint(c == 0 && random.nextInt(20) > 0 ? ' ' : c);
                }
                return quote(text.toString(), true);
            }

            private String quote(String text, boolean atRandom) {
                StringBuilder quoted = new StringBuilder("\"");
                for (int i = 0; i < text.length(); i++) {
                    char c = text.charAt(i);
                    boolean pair = Character.isHighSurrogate(c)
                            && i + 1 < text.length()
                            && Character.isLowSurrogate(text.charAt(i + 1));
                    if (pair) {
                        boolean escaped = atRandom && random.nextBoolean();
                        quoted.append(escaped ? escape(c) : c)
                                .append(escaped ? escape(text.charAt(i + 1)) : text.charAt(i + 1));
                        i++;
                    } else if (Character.isSurrogate(c) || c < 0x20 || c == '"' || c == '\\') {
                        wrong |= Character.isSurrogate(c) || c == 0;
                        suspicious |= wrong;
                        quoted.append(escape(c));
                    } else {
                        quoted.append(atRandom && random.nextInt(10) == 0 ? escape(c) : c);
                    }
                }
                return quoted.append('"').toString();
            }

            private static String escape(char c) {
                return String.format("\\u%04x", (int) c);
            }
        }
    }
}

package io.asyncjobs.connection.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.asyncjobs.connection.Masking;
import io.asyncjobs.testsupport.Fast;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Fast
class MaskingTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @ParameterizedTest
    @ValueSource(strings = {"s3cr3t-token", "pä:ss \"w\\rd/+&<x>", "0123456789", "ünïcödé passwörd", "abcd", "~!*'()~"})
    void secret_is_found_in_every_form_in_which_it_is_sent(String secret) throws Exception {
        Masking masking = new Masking();
        masking.add(secret);
        masking.addBasic("ada:" + secret);
        byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
        String form = URLEncoder.encode(secret, StandardCharsets.UTF_8);
        List<String> sent = List.of(
                secret,
                "Bearer " + secret,
                form,
                form.replace("+", "%20"),
                form.toLowerCase(Locale.ROOT).equals(form) ? form : lowerEscapes(form),
                JSON.writeValueAsString(secret),
                "Basic " + Base64.getEncoder().encodeToString(("ada:" + secret).getBytes(StandardCharsets.UTF_8)));

        assertThat(sent).allSatisfy(text -> {
            String masked = masking.text("header: " + text + "; next");
            assertThat(masked).contains(Masking.MASK).startsWith("header: ").endsWith("; next");
            assertThat(masked).doesNotContain(secret, form);
        });
        if (bytes.length > 5) {
            assertThat(masking.text(Base64.getEncoder().encodeToString(bytes))).isEqualTo(Masking.MASK);
            assertThat(masking.text(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes)))
                    .isEqualTo(Masking.MASK);
        }
        for (String prefix : List.of("", "a", "ab", "abc")) {
            if (bytes.length > 8) {
                String dump = Base64.getEncoder()
                        .encodeToString((prefix + "{\"authorization\": \"Bearer " + secret + "\"}")
                                .getBytes(StandardCharsets.UTF_8));
                assertThat(masking.text("dump " + dump + ".")).isEqualTo("dump " + Masking.MASK + ".");
            }
        }
        JsonNode echoed = JSON.createObjectNode()
                .put("text", "x " + secret)
                .put("nested", JSON.writeValueAsString(JSON.createObjectNode().put("a", secret)))
                .put(secret, 1);
        JsonNode masked = JSON.readTree(masking.json(echoed.toString()));
        assertThat(masked.path("text").textValue()).isEqualTo("x " + Masking.MASK);
        assertThat(masked.path("nested").textValue()).isEqualTo("{\"a\":\"" + Masking.MASK + "\"}");
        assertThat(masked.path(Masking.MASK).intValue()).isEqualTo(1);
    }

    @Test
    void number_that_is_a_secret_leaves_json_that_can_be_read() throws Exception {
        Masking masking = new Masking();
        masking.add("12345678");

        assertThat(JSON.readTree(masking.json("{\"pin\":12345678,\"other\":1.50,\"in\":9123456789}")))
                .isEqualTo(JSON.readTree("{\"pin\":\"•••\",\"other\":1.50,\"in\":9123456789}"));
    }

    @Test
    void json_without_a_secret_is_the_very_same() {
        Masking masking = new Masking();
        String json = "{\"a\": 1.10, \"b\" : \"…\\u00e4\"}";

        assertThat(masking.isIdle()).isTrue();
        assertThat(masking.json(json)).isSameAs(json);
        masking.add("s3cr3t-token");
        assertThat(masking.isIdle()).isFalse();
        assertThat(masking.json(json)).isSameAs(json);
    }

    @Test
    void short_secret_is_masked_only_where_it_is_sent() {
        Masking masking = new Masking();
        masking.add("abc");
        masking.addBasic("ada:abc");

        assertThat(masking.text("the abc of it")).isEqualTo("the abc of it");
        assertThat(masking.text("Basic YWRhOmFiYw==")).isEqualTo("Basic •••");
    }

    @Test
    void secret_like_a_year_leaves_dates_alone() {
        Masking masking = new Masking();
        masking.add("2026");

        assertThat(masking.text("2026-01-31 and 12026 and a2026, pass=2026&x=2026."))
                .isEqualTo("2026-01-31 and 12026 and a2026, pass=•••&x=•••.");
        assertThat(masking.json("{\"at\":\"2026-01-31T12:00:00Z\",\"n\":20261}"))
                .isEqualTo("{\"at\":\"2026-01-31T12:00:00Z\",\"n\":20261}");
    }

    @Test
    void every_token_of_the_same_signer_is_masked() {
        Masking masking = new Masking();
        masking.addToken("eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl");

        assertThat(masking.text("Bearer eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJvdGhlciJ9.AAAA_-BB, then"))
                .isEqualTo("Bearer •••, then");
    }

    @Test
    void secret_that_a_limit_cut_is_masked_too() {
        Masking masking = new Masking();
        masking.add("s3cr3t-token-of-some-length");

        assertThat(masking.cutText("ends with s3cr3t-token-of")).isEqualTo("ends with •••");
        assertThat(masking.cutText("ends with s3cr3")).isEqualTo("ends with s3cr3");
        assertThat(masking.json("\"" + "x".repeat(9000) + " s3cr3t-token-o…\"")).endsWith("x •••\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"client_secret\":\"x\",\"n\":1.10}                 | {\"client_secret\":\"•••\",\"n\":1.10}",
                "{\"a\":[{\"clientSecret\":{\"b\":1}}]}               | {\"a\":[{\"clientSecret\":\"•••\"}]}",
                "grant_type=password&password=x%26y&user=a             | grant_type=password&password=•••&user=a",
                "Client-Secret=x                                       | Client-Secret=•••",
                "{\"a\": \"password\"}                                 | {\"a\": \"password\"}",
                "a plain text with password=x                          | a plain text with password=x",
                "{\"password\": broken                                 | {\"password\": broken",
            })
    void fields_of_bodies_are_redacted(String body, String noted) {
        assertThat(redaction().body(body)).isEqualTo(noted);
    }

    @Test
    void query_of_a_path_is_redacted() {
        assertThat(redaction().path("/token?access_token=abc&x=1")).isEqualTo("/token?access_token=•••&x=1");
    }

    @Test
    void token_that_was_fetched_is_masked_from_then_on() {
        Masking masking = new Masking();
        masking.learn(
                redaction().valuesIn(HttpAnswer.of(200, "{\"access_token\":\"fetched-token\",\"expires_in\":300}")));

        assertThat(masking.text("with fetched-token")).isEqualTo("with •••");

        masking.learn(redaction().valuesIn(HttpAnswer.of(200, "refresh_token=another%20token&scope=x")));
        assertThat(masking.text("with another token")).isEqualTo("with •••");
    }

    private static Redaction redaction() {
        return new Redaction(List.of("client_secret", "password", "access_token", "refresh_token"));
    }

    private static String lowerEscapes(String form) {
        StringBuilder lower = new StringBuilder(form);
        for (int i = form.indexOf('%'); i >= 0 && i + 2 < form.length(); i = form.indexOf('%', i + 1)) {
            lower.replace(i + 1, i + 3, HexFormat.of().toHexDigits((byte) HexFormat.fromHexDigits(form, i + 1, i + 3)));
        }
        return lower.toString();
    }
}

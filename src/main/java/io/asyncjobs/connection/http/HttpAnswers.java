package io.asyncjobs.connection.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;

/** Makes of a response what a script gets to see. */
final class HttpAnswers {

    private static final int MAX_HEADER_CHARS = 64 * 1024;

    /** Sessions of other servers are no business of a script, and end up in its log. */
    private static final Set<String> HIDDEN = Set.of("set-cookie", "set-cookie2");

    private HttpAnswers() {}

    static HttpAnswer of(HttpResponse<CountedBody> response, String connection, int maxBytes) {
        requireOneLength(response, connection);
        byte[] body = unpacked(response, connection, maxBytes);
        Map<String, String> headers = headers(response, connection);
        String contentType = response.headers().firstValue("content-type").orElse("");
        HttpText read = HttpText.of(body, contentType);
        String text = read.text();
        int status = response.statusCode();
        if (text == null || !read.textual()) {
            return new HttpAnswer(
                    status, headers, base64(body), true, null, false, read.textual() ? read.unknown() : null);
        }
        return StandardCharsets.UTF_8.equals(read.charset())
                ? new HttpAnswer(status, headers, text, false, null, read.marked(), null)
                : new HttpAnswer(status, headers, text, false, base64(body), false, null);
    }

    /** Two answers to where a body ends would be a part of it, or a part of another answer. */
    private static void requireOneLength(HttpResponse<CountedBody> response, String connection) {
        boolean chunked = response.headers().firstValue("transfer-encoding").isPresent();
        long lengths = response.headers().allValues("content-length").stream()
                .flatMap(value -> Arrays.stream(value.split(",")))
                .map(String::strip)
                .distinct()
                .count();
        if (lengths > (chunked ? 0 : 1)) {
            throw HttpFailures.of(
                    "broken", connection, "answered with contradicting headers: they do not say where its body ends");
        }
    }

    private static String base64(byte[] body) {
        return Base64.getEncoder().encodeToString(body);
    }

    /** Identity is asked for; some servers pack all the same. The limit holds for what comes out, too. */
    private static byte[] unpacked(HttpResponse<CountedBody> response, String connection, int maxBytes) {
        String encoding = String.join(",", response.headers().allValues("content-encoding"))
                .strip()
                .toLowerCase(Locale.ROOT);
        byte[] body = response.body().take();
        if (body.length == 0 || encoding.isEmpty() || encoding.equals("identity")) {
            return body;
        }
        if (!encoding.equals("gzip") && !encoding.equals("x-gzip")) {
            throw HttpFailures.of("broken", connection, "answered in an encoding that was not asked for");
        }
        try (GZIPInputStream packed = new GZIPInputStream(new ByteArrayInputStream(body))) {
            byte[] plain = packed.readNBytes(maxBytes + 1);
            if (plain.length > maxBytes) {
                throw HttpFailures.tooLarge(connection, maxBytes);
            }
            return plain;
        } catch (IOException e) {
            throw HttpFailures.of("broken", connection, "answered with gzip that cannot be unpacked");
        }
    }

    private static Map<String, String> headers(HttpResponse<?> response, String connection) {
        Map<String, String> headers = new TreeMap<>();
        long chars = 0;
        for (var header : response.headers().map().entrySet()) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (!HIDDEN.contains(name)) {
                String value = String.join(", ", header.getValue());
                chars += name.length() + value.length();
                headers.put(name, value);
            }
        }
        if (chars > MAX_HEADER_CHARS) {
            throw HttpFailures.of(
                    "too_large", connection, "answered with more than " + MAX_HEADER_CHARS + " characters of headers");
        }
        return headers;
    }
}

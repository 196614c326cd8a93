package io.asyncjobs.connection;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** Makes of a response what a script gets to see. */
final class HttpAnswers {

    private static final int MAX_HEADER_CHARS = 64 * 1024;
    private static final Pattern CHARSET =
            Pattern.compile(";\\s*charset\\s*=\\s*\"?([A-Za-z0-9._:-]{1,40})\"?", Pattern.CASE_INSENSITIVE);
    private static final Pattern TEXT = Pattern.compile(
            "text/.*|application/(.*\\+)?(json|xml|yaml)|application/(json5|x-ndjson|ndjson|json-seq|javascript|graphql"
                    + "|x-yaml|x-www-form-urlencoded)|image/svg\\+xml");

    /** Sessions of other servers are no business of a script, and end up in its log. */
    private static final Set<String> HIDDEN = Set.of("set-cookie", "set-cookie2");

    private HttpAnswers() {}

    static HttpAnswer of(HttpResponse<CountedBody> response, String connection, int maxBytes) {
        byte[] body = unpacked(response, connection, maxBytes);
        Charset charset = charset(response.headers().firstValue("content-type").orElse(""));
        Map<String, String> headers = headers(response, connection);
        return charset == null
                ? new HttpAnswer(
                        response.statusCode(), headers, Base64.getEncoder().encodeToString(body), true)
                : new HttpAnswer(response.statusCode(), headers, new String(body, charset), false);
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
            throw HttpFailures.of(connection, "answered in an encoding that was not asked for");
        }
        try (GZIPInputStream packed = new GZIPInputStream(new ByteArrayInputStream(body))) {
            byte[] plain = packed.readNBytes(maxBytes + 1);
            if (plain.length > maxBytes) {
                throw HttpFailures.tooLarge(connection, maxBytes);
            }
            return plain;
        } catch (IOException e) {
            throw HttpFailures.of(connection, "answered with gzip that cannot be unpacked");
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
            throw HttpFailures.of(connection, "answered with more than " + MAX_HEADER_CHARS + " characters of headers");
        }
        return headers;
    }

    /** The charset of a text; null for what is no text. What does not decode becomes U+FFFD, as in every browser. */
    private static @Nullable Charset charset(String contentType) {
        int semicolon = contentType.indexOf(';');
        String type = (semicolon < 0 ? contentType : contentType.substring(0, semicolon))
                .strip()
                .toLowerCase(Locale.ROOT);
        Matcher named = CHARSET.matcher(contentType);
        if (named.find()) {
            try {
                return Charset.forName(named.group(1));
            } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
                return null;
            }
        }
        return type.isEmpty() || TEXT.matcher(type).matches() ? StandardCharsets.UTF_8 : null;
    }
}

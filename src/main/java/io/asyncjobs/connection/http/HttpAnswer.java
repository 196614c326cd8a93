package io.asyncjobs.connection.http;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an HTTP call was answered with, whatever the status.
 *
 * @param headers by name in lower case; values of one that was sent several times are joined by {@code ", "}
 * @param body the text without a byte order mark, or the bytes in Base64 when {@code base64} is true
 * @param base64 true when the answer is not known to be text
 * @param bytes the bytes in Base64, where the body is a text that is not theirs in UTF-8; else null
 * @param marked whether the bytes are the body's in UTF-8 behind a byte order mark
 * @param unknown why the text is not known although this should be one, readable after "the answer"; else null
 */
public record HttpAnswer(
        int status,
        Map<String, String> headers,
        String body,
        boolean base64,
        @Nullable String bytes,
        boolean marked,
        @Nullable String unknown) {

    public HttpAnswer {
        headers = Map.copyOf(headers);
    }

    /** An answer with that text in UTF-8. */
    public static HttpAnswer of(int status, String text) {
        return new HttpAnswer(status, Map.of(), text, false, null, false, null);
    }
}

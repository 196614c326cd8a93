package io.asyncjobs.connection;

import java.util.Map;

/**
 * What an HTTP call was answered with, whatever the status.
 *
 * @param headers by name in lower case; values of one that was sent several times are joined by {@code ", "}
 * @param body the text, or the bytes in Base64 when {@code base64} is true
 * @param base64 true when the answer is not of a text type
 */
public record HttpAnswer(int status, Map<String, String> headers, String body, boolean base64) {

    public HttpAnswer {
        headers = Map.copyOf(headers);
    }
}

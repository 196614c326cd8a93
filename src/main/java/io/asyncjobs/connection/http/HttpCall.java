package io.asyncjobs.connection.http;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP call as a script asks for it. Nothing in it is trusted; {@link HttpCalls} checks all of it.
 *
 * @param connection the connection's name, in any case
 * @param method {@code GET}, {@code HEAD}, {@code POST}, {@code PUT}, {@code PATCH} or {@code DELETE}
 * @param path what follows the base URL: empty, or begins with {@code /} or {@code ?}; percent-encoded
 * @param headers what the script sets; without a {@code content-type} a body is {@code application/json}
 * @param body the request's text, sent as UTF-8, or its bytes in Base64
 * @param base64 whether the body is in Base64
 * @param user the username of the account for which the script acts
 * @param secrets the connection's named secrets that the call uses
 */
public record HttpCall(
        String connection,
        String method,
        String path,
        Map<String, String> headers,
        @Nullable String body,
        boolean base64,
        String user,
        HttpSecrets secrets) {

    public HttpCall {
        headers = Map.copyOf(headers);
    }

    /** With a body of text, if with any. */
    public HttpCall(
            String connection,
            String method,
            String path,
            Map<String, String> headers,
            @Nullable String body,
            String user) {
        this(connection, method, path, headers, body, false, user, HttpSecrets.NONE);
    }

    /** The bytes of the body; null where there is none. */
    byte @Nullable [] bytes() {
        if (body == null) {
            return null;
        }
        return base64 ? Base64.getDecoder().decode(body) : body.getBytes(StandardCharsets.UTF_8);
    }
}

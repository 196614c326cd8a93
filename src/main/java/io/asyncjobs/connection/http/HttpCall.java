package io.asyncjobs.connection.http;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP call as a script asks for it. Nothing in it is trusted; {@link HttpCalls} checks all of it.
 *
 * @param connection the connection's name, in any case
 * @param method {@code GET}, {@code HEAD}, {@code POST}, {@code PUT}, {@code PATCH} or {@code DELETE}
 * @param path what follows the base URL: empty, or begins with {@code /} or {@code ?}; percent-encoded
 * @param headers what the script sets
 * @param gzip whether the body is packed before it is sent
 * @param timeoutMillis in which the call must be over, if that is less than the connection allows; null for the connection's
 * @param user the username of the account for which the script acts
 * @param secrets the connection's named secrets that the call uses
 */
public record HttpCall(
        String connection,
        String method,
        String path,
        Map<String, String> headers,
        @Nullable HttpBody body,
        boolean gzip,
        @Nullable Integer timeoutMillis,
        String user,
        HttpSecrets secrets) {

    public HttpCall {
        headers = Map.copyOf(headers);
    }

    /** With a body of JSON, if with any, and within the connection's own time. */
    public HttpCall(
            String connection,
            String method,
            String path,
            Map<String, String> headers,
            @Nullable String json,
            String user) {
        this(
                connection,
                method,
                path,
                headers,
                json == null ? null : new HttpBody(HttpBody.Kind.JSON, json),
                false,
                null,
                user,
                HttpSecrets.NONE);
    }
}

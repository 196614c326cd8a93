package io.asyncjobs.run.host;

import com.fasterxml.jackson.databind.JsonNode;
import io.asyncjobs.connection.http.HttpBody;
import io.asyncjobs.connection.http.HttpCall;
import io.asyncjobs.script.HostCallException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the bootstrap sends of an HTTP call: {@code [method, connection, path, headers, kind, body, options]}. */
record HttpArguments(JsonNode given) {

    private static final Set<String> READING = Set.of("GET", "HEAD");

    String method() {
        return text(0);
    }

    String connection() {
        return text(1);
    }

    String path() {
        return text(2);
    }

    /** Whether the method says that nothing is changed. */
    boolean isReading() {
        return READING.contains(method());
    }

    /** Whether the script says that nothing is changed. */
    boolean isSaidToRead() {
        return given.path(6).path("read").booleanValue();
    }

    /** @param path the path below the base URL */
    HttpCall call(String path, String user) {
        JsonNode options = given.path(6);
        return new HttpCall(
                connection(),
                method(),
                path,
                headers(),
                body(),
                options.path("gzip").booleanValue(),
                options.has("timeoutMillis")
                        ? (Integer) options.path("timeoutMillis").intValue()
                        : null,
                user,
                UsedSecrets.of(options.path("secrets")));
    }

    private @Nullable HttpBody body() {
        return given.path(5).isNull() ? null : new HttpBody(HttpBody.Kind.of(text(4)), text(5));
    }

    private Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> header : given.path(3).properties()) {
            if (!header.getValue().isTextual()) {
                throw new HostCallException("The header " + header.getKey() + " must be a string");
            }
            headers.put(
                    header.getKey().toLowerCase(Locale.ROOT), header.getValue().textValue());
        }
        return headers;
    }

    private String text(int index) {
        return Objects.requireNonNull(given.path(index).textValue(), "The bootstrap sends a text here");
    }
}

package io.asyncjobs.connection.http;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which named secrets of its connection a call uses.
 *
 * @param sign how the body is signed; null for not at all
 * @param fields fields of the body with the names of the secrets that stand in them
 */
public record HttpSecrets(@Nullable Sign sign, Map<String, String> fields) {

    /** A call that uses none. */
    public static final HttpSecrets NONE = new HttpSecrets(null, Map.of());

    public HttpSecrets {
        fields = Map.copyOf(fields);
    }

    /**
     * A signature of the body, as it is sent, in a header.
     *
     * @param secret the secret's name
     * @param algorithm like {@code hmac-sha256}
     * @param encoding {@code hex} or {@code base64}
     * @param prefix stands before it in the header
     */
    public record Sign(String secret, String algorithm, String header, String encoding, String prefix) {}
}

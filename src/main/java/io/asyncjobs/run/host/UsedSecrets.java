package io.asyncjobs.run.host;

import com.fasterxml.jackson.databind.JsonNode;
import io.asyncjobs.connection.http.HttpSecrets;
import io.asyncjobs.script.HostCallException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads by which names a call uses secrets of its connection. */
final class UsedSecrets {

    private static final Set<String> OF_SIGN = Set.of("secret", "algorithm", "header", "encoding", "prefix");

    private UsedSecrets() {}

    /** Of the options {@code sign} and {@code secretFields}; null where neither is given. */
    static HttpSecrets of(JsonNode options) {
        if (options.isMissingNode() || options.isNull()) {
            return HttpSecrets.NONE;
        }
        Map<String, String> fields = new LinkedHashMap<>();
        options.path("secretFields").properties().forEach(field -> {
            if (!field.getValue().isTextual()) {
                throw new HostCallException(
                        "The option secretFields must be names of secrets by fields: { client_secret: 'api-secret' }");
            }
            fields.put(field.getKey(), field.getValue().textValue());
        });
        return new HttpSecrets(sign(options.path("sign")), fields);
    }

    /** The data that {@code http.sign} takes: a text, or bytes in Base64. */
    static byte[] data(JsonNode arguments) {
        String data = arguments.path(3).asText();
        return arguments.path(4).booleanValue()
                ? Base64.getDecoder().decode(data)
                : data.getBytes(StandardCharsets.UTF_8);
    }

    private static HttpSecrets.@Nullable Sign sign(JsonNode sign) {
        if (sign.isMissingNode() || sign.isNull()) {
            return null;
        }
        sign.properties().forEach(field -> {
            if (!OF_SIGN.contains(field.getKey()) || !field.getValue().isTextual()) {
                throw new HostCallException(
                        "The option sign takes texts: secret, algorithm and header, perhaps encoding"
                                + " ('hex' or 'base64') and prefix");
            }
        });
        for (String required : Set.of("secret", "algorithm", "header")) {
            if (!sign.has(required)) {
                throw new HostCallException("The option sign lacks '" + required + "'");
            }
        }
        return new HttpSecrets.Sign(
                sign.path("secret").asText(),
                sign.path("algorithm").asText(),
                sign.path("header").asText(),
                sign.path("encoding").asText("hex"),
                sign.path("prefix").asText(""));
    }
}

package io.asyncjobs.provisioning;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.connection.ConnectionView;
import io.asyncjobs.platform.Name;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Names of the secrets of a connection, which are set in each environment. A secret that is stored and that none of them
 * names stays.
 *
 * @param secret null for none
 * @param clientKey null for none
 * @param named of the further secrets, by the names that scripts use
 */
record SecretRefs(@Nullable String secret, @Nullable String clientKey, Map<String, String> named) {

    static final String SECRET = "secretRef";
    static final String CLIENT_KEY = "clientKeyRef";
    static final String NAMED = "secretRefs";

    SecretRefs {
        named = new TreeMap<>(named);
    }

    /** Those of an export. Such a name also stands for the secret that a connection of the same name has stored. */
    static SecretRefs of(ConnectionView connection) {
        String name = connection.name();
        Map<String, String> named = new TreeMap<>();
        connection.secretNames().forEach(secret -> named.put(secret, name + ".secret." + secret));
        return new SecretRefs(
                connection.hasSecret() ? name : null, connection.hasClientKey() ? name + ".client-key" : null, named);
    }

    /** Where a manifest has the field of a connection's draft. */
    static String field(String draft) {
        return switch (draft) {
            case "secret" -> SECRET;
            case "clientKey" -> CLIENT_KEY;
            default -> draft.startsWith("secrets.") ? NAMED + draft.substring("secrets".length()) : draft;
        };
    }

    void write(ObjectNode entry) {
        if (secret != null) {
            entry.put(SECRET, secret);
        }
        if (clientKey != null) {
            entry.put(CLIENT_KEY, clientKey);
        }
        if (!named.isEmpty()) {
            named.forEach(entry.withObject("/" + NAMED)::put);
        }
    }

    /** Whether two names are the same one, whatever their case. */
    static boolean same(@Nullable String one, @Nullable String other) {
        return one != null && other != null && Objects.equals(Name.key(one), Name.key(other));
    }
}

package io.asyncjobs.connection;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which secrets a connection has, without what they are. Each is {@code stored}, or {@code replaced} by another one.
 *
 * @param secret null for none
 * @param clientKey null for none
 * @param named the further secrets by their names
 */
public record SecretsState(
        @Nullable String secret, @Nullable String clientKey, Map<String, String> named) {

    private static final String STORED = "stored";
    private static final String REPLACED = "replaced";

    public SecretsState {
        named = new TreeMap<>(named);
    }

    /** Of a connection as it is. */
    public static SecretsState of(ConnectionView connection) {
        Map<String, String> named = new TreeMap<>();
        connection.secretNames().forEach(name -> named.put(name, STORED));
        return new SecretsState(
                connection.hasSecret() ? STORED : null, connection.hasClientKey() ? STORED : null, named);
    }

    /** Of a connection over which a draft is saved that has only secrets that are not stored yet. */
    static SecretsState after(@Nullable Connection present, ConnectionDraft draft, ConnectionSettings settings) {
        Map<String, String> named = new TreeMap<>();
        if (present != null && settings.http() != null) {
            StoredSecrets.names(present.namedSecrets).forEach(name -> named.put(name, STORED));
        }
        draft.secrets().forEach((name, secret) -> {
            if (secret.isEmpty()) {
                named.remove(name);
            } else {
                named.merge(name, STORED, (before, now) -> REPLACED);
            }
        });
        TlsSettings tls = settings.tls();
        return new SecretsState(
                settings.takesSecret() ? after(present != null && present.sealedSecret != null, draft.secret()) : null,
                tls != null && tls.clientCertificate() != null
                        ? after(present != null && present.sealedClientKey != null, draft.clientKey())
                        : null,
                named);
    }

    private static @Nullable String after(boolean present, @Nullable String other) {
        if (other == null) {
            return present ? STORED : null;
        }
        return present ? REPLACED : STORED;
    }
}

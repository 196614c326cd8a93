package io.asyncjobs.connection;

import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A connection as it is at this moment, with its secrets in the clear: not to be kept, not to be shown.
 *
 * @param version grows with each change of the connection
 * @param secrets those that scripts use, by name
 * @param target where its secret goes; see {@link ConnectionSettings}
 */
public record OpenConnection<T>(
        UUID id,
        int version,
        String name,
        T settings,
        String target,
        @Nullable String secret,
        Map<String, String> secrets,
        @Nullable OpenTls tls) {

    public OpenConnection {
        secrets = Map.copyOf(secrets);
    }

    /** Without the secrets. */
    @Override
    public String toString() {
        return "OpenConnection[" + name + ", version " + version + "]";
    }
}

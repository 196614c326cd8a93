package io.asyncjobs.connection;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A connection as it is at this moment, with its secret in the clear: not to be kept, not to be shown.
 *
 * @param version grows with each change of the connection
 * @param target where its secret goes; see {@link ConnectionSettings}
 */
public record OpenConnection<T>(
        UUID id,
        int version,
        String name,
        T settings,
        String target,
        @Nullable String secret) {

    /** Without the secret. */
    @Override
    public String toString() {
        return "OpenConnection[" + name + ", version " + version + "]";
    }
}

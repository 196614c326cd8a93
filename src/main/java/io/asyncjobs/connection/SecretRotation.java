package io.asyncjobs.connection;

import io.asyncjobs.platform.crypto.UnreadableSecretException;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * At start, what another key sealed is sealed with the primary one: after a start with a new primary key the old one is
 * needed no more.
 *
 * <p>Several nodes may do so at once. Nobody changed the connection, so its version, and with it the ETag, stays, and the
 * audit trail is told nothing.
 */
@Singleton
class SecretRotation {

    private static final Logger LOG = Logger.getLogger(SecretRotation.class);

    private record Row(UUID id, String name, ConnectionKind kind, String settings, byte[] sealed) {}

    private final ConnectionSecrets secrets;
    private final StoredSettings stored;
    private final Jdbi jdbi;

    SecretRotation(ConnectionSecrets secrets, StoredSettings stored, Jdbi jdbi) {
        this.secrets = secrets;
        this.stored = stored;
        this.jdbi = jdbi;
    }

    void onStart(@Observes StartupEvent event) {
        int sealed = 0;
        for (UUID connection : withSecrets()) {
            if (jdbi.inTransaction(handle -> sealAgain(handle, connection))) {
                sealed++;
            }
        }
        if (sealed > 0) {
            LOG.infof("The secrets of %d connections were sealed with the primary encryption key", sealed);
        }
    }

    private List<UUID> withSecrets() {
        return jdbi.withHandle(handle -> handle
                .createQuery("select id, sealed_secret from connection where sealed_secret is not null order by id")
                .map((row, context) -> secrets.isOfAnotherKey(row.getBytes("sealed_secret"))
                        ? Optional.of(row.getObject("id", UUID.class))
                        : Optional.<UUID>empty())
                .stream()
                .flatMap(Optional::stream)
                .toList());
    }

    /** Whether that was needed and went well. */
    private boolean sealAgain(Handle handle, UUID connection) {
        // Meanwhile it may have been deleted, changed, or sealed by another node
        Optional<Row> found = handle.createQuery("""
                        select id, name, kind, settings, sealed_secret from connection
                        where id = :id and sealed_secret is not null
                        for update
                        """)
                .bind("id", connection)
                .map((row, context) -> new Row(
                        row.getObject("id", UUID.class),
                        row.getString("name"),
                        ConnectionKind.valueOf(row.getString("kind")),
                        row.getString("settings"),
                        row.getBytes("sealed_secret")))
                .findOne()
                .filter(row -> secrets.isOfAnotherKey(row.sealed()));
        if (found.isEmpty()) {
            return false;
        }
        Row row = found.get();
        try {
            String target = stored.read(row.name(), row.kind(), row.settings()).target();
            handle.createUpdate("update connection set sealed_secret = :sealed where id = :id")
                    .bind("sealed", secrets.sealAgain(row.id(), target, row.sealed()))
                    .bind("id", row.id())
                    .execute();
            return true;
        } catch (UnreadableSecretException | IllegalStateException e) {
            LOG.errorf("The secret of connection %s cannot be read: %s", row.name(), e.getMessage());
            return false;
        }
    }
}

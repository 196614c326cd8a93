package io.asyncjobs.connection;

import io.asyncjobs.platform.StartPatience;
import io.asyncjobs.platform.crypto.UnreadableSecretException;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

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

    private static final String SECRETS = "id, sealed_secret, sealed_client_key, named_secrets";

    /** What a row has sealed. */
    private record Sealed(UUID id, byte @Nullable [] secret, byte @Nullable [] clientKey, String named) {}

    private record Row(
            String name,
            ConnectionKind kind,
            String settings,
            @Nullable String tls,
            Sealed sealed) {}

    private final ConnectionSecrets secrets;
    private final StoredSettings stored;
    private final Jdbi jdbi;

    SecretRotation(ConnectionSecrets secrets, StoredSettings stored, Jdbi jdbi) {
        this.secrets = secrets;
        this.stored = stored;
        this.jdbi = jdbi;
    }

    void onStart(@Observes StartupEvent event) {
        StartPatience.persist("Sealing the secrets of connections with the primary key", this::sealAll);
    }

    private void sealAll() {
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
        return jdbi.withHandle(
                handle -> handle.createQuery("select " + SECRETS + """
                         from connection
                        where sealed_secret is not null or sealed_client_key is not null or named_secrets <> '{}'
                        order by id
                        """).map((row, context) -> sealed(row)).stream()
                        .filter(this::isOfAnotherKey)
                        .map(Sealed::id)
                        .toList());
    }

    private static Sealed sealed(ResultSet row) throws SQLException {
        return new Sealed(
                row.getObject("id", UUID.class),
                row.getBytes("sealed_secret"),
                row.getBytes("sealed_client_key"),
                row.getString("named_secrets"));
    }

    private boolean isOfAnotherKey(Sealed sealed) {
        return isOfAnotherKey(sealed.secret())
                || isOfAnotherKey(sealed.clientKey())
                || StoredSecrets.read(sealed.named()).values().stream().anyMatch(secrets::isOfAnotherKey);
    }

    private boolean isOfAnotherKey(byte @Nullable [] sealed) {
        return sealed != null && secrets.isOfAnotherKey(sealed);
    }

    /** Whether that was needed and went well. */
    private boolean sealAgain(Handle handle, UUID connection) {
        // Meanwhile it may have been deleted, changed, or sealed by another node
        Optional<Row> found = handle.createQuery("select name, kind, settings, tls, " + SECRETS + """
                         from connection
                        where id = :id
                        for update
                        """)
                .bind("id", connection)
                .map((row, context) -> new Row(
                        row.getString("name"),
                        ConnectionKind.valueOf(row.getString("kind")),
                        row.getString("settings"),
                        row.getString("tls"),
                        sealed(row)))
                .findOne()
                .filter(row -> isOfAnotherKey(row.sealed()));
        if (found.isEmpty()) {
            return false;
        }
        Row row = found.get();
        try {
            ConnectionSettings settings = stored.read(row.name(), row.kind(), row.settings(), row.tls());
            handle.createUpdate("""
                            update connection
                            set sealed_secret = :secret, sealed_client_key = :clientKey, named_secrets = :named
                            where id = :id
                            """)
                    .bindByType("secret", secret(row.sealed(), settings), byte[].class)
                    .bindByType("clientKey", clientKey(row.sealed(), settings), byte[].class)
                    .bind("named", named(row.sealed(), settings))
                    .bind("id", connection)
                    .execute();
            return true;
        } catch (UnreadableSecretException | IllegalStateException e) {
            LOG.errorf("The secrets of connection %s cannot be read: %s", row.name(), e.getMessage());
            return false;
        }
    }

    private byte @Nullable [] secret(Sealed sealed, ConnectionSettings settings) {
        byte[] secret = sealed.secret();
        return secret == null
                ? null
                : secrets.seal(sealed.id(), settings.target(), secrets.open(sealed.id(), settings.target(), secret));
    }

    private byte @Nullable [] clientKey(Sealed sealed, ConnectionSettings settings) {
        byte[] key = sealed.clientKey();
        return key == null
                ? null
                : secrets.sealClientKey(
                        sealed.id(), settings.place(), secrets.openClientKey(sealed.id(), settings.place(), key));
    }

    private String named(Sealed sealed, ConnectionSettings settings) {
        Map<String, byte[]> named = StoredSecrets.read(sealed.named());
        named.replaceAll((name, secret) -> secrets.sealNamed(
                sealed.id(), name, settings.place(), secrets.openNamed(sealed.id(), name, settings.place(), secret)));
        return StoredSecrets.write(named);
    }
}

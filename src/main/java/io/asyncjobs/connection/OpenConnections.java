package io.asyncjobs.connection;

import io.asyncjobs.platform.Name;
import io.asyncjobs.platform.crypto.UnreadableSecretException;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * Connections for calls. Each call reads the row, so that a change counts from the next call on, on every node. It is one
 * statement without a session of Hibernate's and without a transaction: scripts make a call each second and more.
 */
@Singleton
public class OpenConnections {

    private static final Logger LOG = Logger.getLogger(OpenConnections.class);

    private record Row(
            UUID id,
            int version,
            String name,
            ConnectionKind kind,
            String settings,
            @Nullable String tls,
            byte @Nullable [] sealed,
            String named,
            byte @Nullable [] clientKey) {}

    /** Settings as they were read from that text. */
    private record Known(
            ConnectionKind kind, String text, @Nullable String tls, ConnectionSettings settings) {

        boolean isOf(Row row) {
            return kind == row.kind && text.equals(row.settings) && Objects.equals(tls, row.tls);
        }
    }

    private final Jdbi jdbi;
    private final StoredSettings stored;
    private final ConnectionSecrets secrets;
    private final Map<UUID, Known> known = new ConcurrentHashMap<>();

    OpenConnections(Jdbi jdbi, StoredSettings stored, ConnectionSecrets secrets) {
        this.jdbi = jdbi;
        this.stored = stored;
        this.secrets = secrets;
    }

    /**
     * The web service of that name, as it is now.
     *
     * @throws ConnectionCallException when there is none, it is no web service, or what is stored of it cannot be read
     */
    public OpenConnection<HttpSettings> http(String name) {
        Row row = row("http", name);
        ConnectionSettings settings = settings("http", row);
        HttpSettings http = settings.http();
        if (http != null) {
            return opened("http", row, settings, http);
        }
        throw new ConnectionCallException("unusable", "http: " + row.name + " is a database; call it with sql");
    }

    /**
     * The database of that name, as it is now.
     *
     * @throws ConnectionCallException when there is none, it is no database, or what is stored of it cannot be read
     */
    public OpenConnection<PostgresqlSettings> postgresql(String name) {
        Row row = row("sql", name);
        ConnectionSettings settings = settings("sql", row);
        PostgresqlSettings postgresql = settings.postgresql();
        if (postgresql != null) {
            return opened("sql", row, settings, postgresql);
        }
        throw new ConnectionCallException("unusable", "sql: " + row.name + " is a web service; call it with http");
    }

    void forget(@Observes(during = TransactionPhase.AFTER_SUCCESS) ConnectionDeleted gone) {
        known.remove(gone.id());
    }

    private Row row(String function, String name) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                                select id, version, name, kind, settings, tls, sealed_secret, named_secrets,
                                       sealed_client_key
                                from connection
                                where name_key = :key
                                """)
                        .bind("key", Name.key(name))
                        .map((row, context) -> new Row(
                                row.getObject("id", UUID.class),
                                row.getInt("version"),
                                row.getString("name"),
                                ConnectionKind.valueOf(row.getString("kind")),
                                row.getString("settings"),
                                row.getString("tls"),
                                row.getBytes("sealed_secret"),
                                row.getString("named_secrets"),
                                row.getBytes("sealed_client_key")))
                        .findOne())
                .orElseThrow(() -> new ConnectionCallException(
                        "no_connection",
                        function + ": there is no connection named '"
                                + (name.length() <= Name.MAX_LENGTH ? name : name.substring(0, Name.MAX_LENGTH) + "…")
                                + "'"));
    }

    private ConnectionSettings settings(String function, Row row) {
        Known last = known.get(row.id);
        if (last != null && last.isOf(row)) {
            return last.settings;
        }
        try {
            ConnectionSettings settings = stored.read(row.name, row.kind, row.settings, row.tls);
            known.put(row.id, new Known(row.kind, row.settings, row.tls, settings));
            return settings;
        } catch (IllegalStateException e) {
            LOG.debugf(e, "The settings of connection %s are damaged", row.name);
            throw new ConnectionCallException(
                    "unusable",
                    function + ": the settings of " + row.name
                            + " are stored damaged; a superadmin has to save the connection again");
        }
    }

    private <T> OpenConnection<T> opened(String function, Row row, ConnectionSettings settings, T ofKind) {
        byte[] sealed = row.sealed;
        try {
            String secret = sealed == null ? null : secrets.open(row.id, settings.target(), sealed);
            Map<String, String> named = new HashMap<>();
            if (!row.named.equals(StoredSecrets.NONE)) {
                StoredSecrets.read(row.named)
                        .forEach((name, of) -> named.put(name, secrets.openNamed(row.id, name, settings.place(), of)));
            }
            return new OpenConnection<>(
                    row.id, row.version, row.name, ofKind, settings.target(), secret, named, tls(row, settings));
        } catch (UnreadableSecretException | IllegalStateException e) {
            LOG.errorf(e, "The secrets of connection %s cannot be read", row.name);
            throw new ConnectionCallException(
                    "unusable",
                    function + ": the secret of " + row.name + " cannot be read; a superadmin has to store it again");
        }
    }

    private @Nullable OpenTls tls(Row row, ConnectionSettings settings) {
        TlsSettings tls = settings.tls();
        byte[] key = row.clientKey;
        return tls == null
                ? null
                : new OpenTls(tls, key == null ? null : secrets.openClientKey(row.id, settings.place(), key));
    }
}

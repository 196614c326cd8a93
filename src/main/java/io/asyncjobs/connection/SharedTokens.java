package io.asyncjobs.connection;

import io.asyncjobs.platform.crypto.UnreadableSecretException;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * The table {@code connection_token}: what one node fetched, for all. A claim keeps the other nodes from fetching at the same
 * time; it ends by itself, so that a node that dies holds up nobody. No transaction is open while a token is fetched.
 */
@Singleton
class SharedTokens {

    /** What a claim lasts beyond the longest time that the endpoint may take. */
    private static final Duration SLACK = Duration.ofSeconds(1);

    private record Row(byte[] sealed, long renewInMillis) {}

    private final Jdbi jdbi;
    private final ConnectionSecrets secrets;

    SharedTokens(Jdbi jdbi, ConnectionSecrets secrets) {
        this.jdbi = jdbi;
        this.secrets = secrets;
    }

    /** The token that a node fetched for that state of the connection, unless it is due or was refused. */
    Optional<AccessTokens.Token> find(OpenConnection<HttpSettings> connection, @Nullable String refused) {
        Optional<Row> found = jdbi.withHandle(handle -> handle.createQuery("""
                        select sealed, (extract(epoch from renew_at - clock_timestamp()) * 1000)::bigint as renew_in
                        from connection_token
                        where connection = :connection and version = :version
                          and sealed is not null and renew_at > clock_timestamp()
                        """)
                .bind("connection", connection.id())
                .bind("version", connection.version())
                .map((row, context) -> new Row(row.getBytes("sealed"), row.getLong("renew_in")))
                .findOne());
        try {
            return found.map(row -> new AccessTokens.Token(
                            secrets.openToken(connection.id(), connection.target(), row.sealed()),
                            connection.version(),
                            System.nanoTime()
                                    + Duration.ofMillis(row.renewInMillis()).toNanos()))
                    .filter(token -> !token.text().equals(refused));
        } catch (UnreadableSecretException e) {
            // Sealed with a key that this node has not: another token is fetched
            return Optional.empty();
        }
    }

    /** Whether this node may fetch now. Then it says {@link #release} afterwards. */
    boolean claim(OpenConnection<HttpSettings> connection) {
        HttpSettings settings = connection.settings();
        long millis = (long) settings.connectTimeoutMillis() + settings.readTimeoutMillis() + SLACK.toMillis();
        return jdbi.withHandle(handle -> handle.createUpdate("""
                        insert into connection_token (connection, version, claimed_until)
                        values (:connection, :version, clock_timestamp() + :millis * interval '1 millisecond')
                        on conflict (connection) do update set claimed_until = excluded.claimed_until
                        where connection_token.claimed_until is null
                           or connection_token.claimed_until < clock_timestamp()
                        """)
                        .bind("connection", connection.id())
                        .bind("version", connection.version())
                        .bind("millis", millis)
                        .execute())
                == 1;
    }

    void release(OpenConnection<HttpSettings> connection) {
        jdbi.useHandle(handle -> handle.createUpdate(
                        "update connection_token set claimed_until = null where connection = :connection")
                .bind("connection", connection.id())
                .execute());
    }

    void store(OpenConnection<HttpSettings> connection, TokenEndpoint.Answer answer) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        update connection_token
                        set version = :version, sealed = :sealed,
                            renew_at = clock_timestamp() + :millis * interval '1 millisecond'
                        where connection = :connection and version <= :version
                        """)
                .bind("connection", connection.id())
                .bind("version", connection.version())
                .bind("sealed", secrets.sealToken(connection.id(), connection.target(), answer.token()))
                .bind("millis", answer.renewAfter().toMillis())
                .execute());
    }
}

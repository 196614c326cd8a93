package io.asyncjobs.connection;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.asyncjobs.platform.json.StrictJson;
import io.asyncjobs.platform.problem.DomainException;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Settings as they stand in the table. */
@Singleton
class StoredSettings {

    private static final Logger LOG = Logger.getLogger(StoredSettings.class);

    private final ObjectMapper json;
    private final StrictJson strict;

    StoredSettings(ObjectMapper json, StrictJson strict) {
        this.json = json;
        this.strict = strict;
    }

    String write(ConnectionSettings settings) {
        try {
            return json.writeValueAsString(
                    switch (settings) {
                        case ConnectionSettings.Http http -> http.settings();
                        case ConnectionSettings.Postgresql postgresql -> postgresql.settings();
                    });
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Records of texts and numbers can be written", e);
        }
    }

    /** The certificates; null for none. */
    @Nullable
    String writeTls(ConnectionSettings settings) {
        TlsSettings tls = settings.tls();
        return tls == null ? null : strict.text(tls);
    }

    /** As {@link #read(Connection)}; empty where they are damaged. */
    Optional<ConnectionSettings> find(Connection connection) {
        try {
            return Optional.of(read(connection));
        } catch (IllegalStateException e) {
            LOG.debugf(e, "The settings of connection %s are damaged", connection.name);
            return Optional.empty();
        }
    }

    ConnectionSettings read(Connection connection) {
        return read(connection.name, connection.kind, connection.settings, connection.tls);
    }

    ConnectionSettings read(String name, ConnectionKind kind, String settings, @Nullable String storedTls) {
        byte[] text = settings.getBytes(StandardCharsets.UTF_8);
        try {
            TlsSettings tls = storedTls == null
                    ? null
                    : strict.read(storedTls.getBytes(StandardCharsets.UTF_8), TlsSettings.class);
            return switch (kind) {
                case HTTP -> new ConnectionSettings.Http(strict.read(text, HttpSettings.class), tls);
                case POSTGRESQL -> new ConnectionSettings.Postgresql(strict.read(text, PostgresqlSettings.class), tls);
            };
        } catch (DomainException e) {
            // Not the caller's fault
            throw new IllegalStateException("The settings of connection " + name + " cannot be read", e);
        }
    }
}

package io.asyncjobs.connection;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.asyncjobs.platform.json.StrictJson;
import io.asyncjobs.platform.problem.DomainException;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jboss.logging.Logger;

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
                        case ConnectionSettings.Http(HttpSettings http) -> http;
                        case ConnectionSettings.Postgresql(PostgresqlSettings postgresql) -> postgresql;
                    });
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Records of texts and numbers can be written", e);
        }
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
        return read(connection.name, connection.kind, connection.settings);
    }

    ConnectionSettings read(String name, ConnectionKind kind, String settings) {
        byte[] text = settings.getBytes(StandardCharsets.UTF_8);
        try {
            return switch (kind) {
                case HTTP -> new ConnectionSettings.Http(strict.read(text, HttpSettings.class));
                case POSTGRESQL -> new ConnectionSettings.Postgresql(strict.read(text, PostgresqlSettings.class));
            };
        } catch (DomainException e) {
            // Not the caller's fault
            throw new IllegalStateException("The settings of connection " + name + " cannot be read", e);
        }
    }
}

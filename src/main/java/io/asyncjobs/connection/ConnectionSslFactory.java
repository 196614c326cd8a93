package io.asyncjobs.connection;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLSocketFactory;
import org.postgresql.ssl.WrappedFactory;

/**
 * What the PostgreSQL driver makes TLS sockets with, where a connection has certificates of its own. The driver makes it by its
 * name, with a text: that names the connection, and never holds a key.
 */
public final class ConnectionSslFactory extends WrappedFactory {

    private record Known(int version, SSLSocketFactory sockets) {}

    private static final Map<String, Known> KNOWN = new ConcurrentHashMap<>();

    /** For the driver. */
    public ConnectionSslFactory(String connection) {
        Known known = KNOWN.get(connection);
        if (known == null) {
            throw new IllegalStateException("The connection was deleted meanwhile");
        }
        factory = known.sockets;
    }

    /** Makes the certificates known to the driver; returns the text that names them. */
    static String offer(OpenConnection<PostgresqlSettings> connection, OpenTls tls) {
        String name = connection.id().toString();
        KNOWN.compute(
                name,
                (id, known) -> known != null && known.version >= connection.version()
                        ? known
                        : new Known(connection.version(), tls.context().getSocketFactory()));
        return name;
    }

    static void forget(UUID connection) {
        KNOWN.remove(connection.toString());
    }
}

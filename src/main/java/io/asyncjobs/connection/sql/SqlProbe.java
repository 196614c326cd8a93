package io.asyncjobs.connection.sql;

import io.asyncjobs.connection.ConnectionKind;
import io.asyncjobs.connection.ConnectionProbe;
import io.asyncjobs.connection.Masking;
import io.asyncjobs.connection.OpenConnection;
import io.asyncjobs.connection.OpenConnections;
import io.asyncjobs.connection.PostgresqlSettings;
import io.asyncjobs.connection.PostgresqlSources;
import io.asyncjobs.connection.ProbeSteps;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;

/** Tries a database: its address, TLS, and a session that only reads and is ended at once. */
@Singleton
class SqlProbe implements ConnectionProbe {

    private static final int MILLIS = (int) PostgresqlSources.MAX_CONNECTING.toMillis();

    /** What the protocol calls SSLRequest: its length, and a number that is no version. */
    private static final byte[] ASK_FOR_TLS =
            ByteBuffer.allocate(8).putInt(8).putInt(80_877_103).array();

    private final OpenConnections connections;
    private final SqlSessions sessions;

    SqlProbe(OpenConnections connections, SqlSessions sessions) {
        this.connections = connections;
        this.sessions = sessions;
    }

    @Override
    public ConnectionKind kind() {
        return ConnectionKind.POSTGRESQL;
    }

    @Override
    public void test(String connection, ProbeSteps steps) {
        OpenConnection<PostgresqlSettings> opened = connections.postgresql(connection);
        PostgresqlSettings settings = opened.settings();
        steps.resolve(settings.host());
        steps.step("connect", () -> {
            try (Socket socket = ProbeSteps.connected(settings.host(), settings.port(), MILLIS)) {
                return String.valueOf(socket.getRemoteSocketAddress());
            }
        });
        if (settings.tls() == PostgresqlSettings.Tls.DISABLE) {
            steps.skip("tls", "is not used: tls is disable");
        } else {
            steps.step("tls", () -> secured(opened));
        }
        steps.step("authenticate", () -> {
            long deadline = System.nanoTime() + Duration.ofMillis(MILLIS).toNanos();
            sessions.open(connection, true, deadline, new Masking()).close();
            return "as " + settings.username() + " in the database " + settings.database();
        });
    }

    private static String secured(OpenConnection<PostgresqlSettings> opened) throws IOException {
        PostgresqlSettings settings = opened.settings();
        try (Socket socket = ProbeSteps.connected(settings.host(), settings.port(), MILLIS)) {
            socket.getOutputStream().write(ASK_FOR_TLS);
            if (socket.getInputStream().read() != 'S') {
                throw ProbeSteps.failure("The server offers no TLS: turn it on there, or set tls to disable");
            }
            return settings.tls() == PostgresqlSettings.Tls.REQUIRE
                    ? "is offered; tls is require, so the certificate is not checked"
                    : ProbeSteps.handshake(socket, settings.host(), settings.port(), opened.tls());
        }
    }
}

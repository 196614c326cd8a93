package io.asyncjobs.platform.embedded;

import io.asyncjobs.platform.DataFolder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Base64;
import org.jboss.logging.Logger;
import org.newsclub.net.unix.AFUNIXSocket;
import org.newsclub.net.unix.AFUNIXSocketFactory;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The service's own PostgreSQL: made at the first start, kept running while the service runs, stopped after it.
 *
 * <p>A server that outlived a crashed service is stopped and started again, so that it always runs with this version's
 * programs and settings. A server that dies is started again on the same port; when it cannot be, {@link OnLoss} hears
 * of it. The caller holds the {@linkplain DataFolder#lock() data folder's lock}.
 */
public final class EmbeddedDatabase implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(EmbeddedDatabase.class);

    /** The application's role, which is no superuser, and its database. */
    private static final String APPLICATION = "asyncjobs";

    private static final String APPLICATION_PASSWORD = "database.password";
    private static final String SUPERUSER_PASSWORD = "database-superuser.password";
    private static final int PORT_ATTEMPTS = 3;

    /** In bytes; what operating systems agree on. */
    private static final int LONGEST_SOCKET_PATH = 100;

    private static final Duration SUPERVISION_INTERVAL = Duration.ofSeconds(1);
    private static final Duration RESTART_INTERVAL = Duration.ofMillis(250);
    private static final Duration RESTART_PATIENCE = Duration.ofSeconds(20);

    /**
     * Where the application finds its database.
     *
     * @param jdbcUrl over the network
     * @param socketUrl through the server's socket, which costs both ends less; where that is not possible, as {@code jdbcUrl}
     */
    public record Coordinates(String jdbcUrl, String socketUrl, String username, String password) {

        /** Over the network only. */
        public Coordinates(String jdbcUrl, String username, String password) {
            this(jdbcUrl, jdbcUrl, username, password);
        }

        /** Leaves the password out. */
        @Override
        public String toString() {
            return jdbcUrl + " as " + username;
        }
    }

    /** Hears, on a thread of the database's own, that the server died and cannot be started again. */
    @FunctionalInterface
    public interface OnLoss {
        void lost(Exception reason);
    }

    private final PostgresServer server;
    private final int port;
    private final Coordinates coordinates;
    private final OnLoss onLoss;
    private final Object gate = new Object();
    private boolean closed;

    private EmbeddedDatabase(PostgresServer server, int port, Coordinates coordinates, OnLoss onLoss) {
        this.server = server;
        this.port = port;
        this.coordinates = coordinates;
        this.onLoss = onLoss;
    }

    /** Starts a server whose data survives a crash of the machine. */
    public static EmbeddedDatabase start(DataFolder data, OnLoss onLoss) throws IOException, InterruptedException {
        return start(data, true, onLoss);
    }

    /** Starts a server that forces nothing to disk: for tests only. */
    public static EmbeddedDatabase startVolatile(DataFolder data) throws IOException, InterruptedException {
        return start(data, false, reason -> LOG.error("The tests' database is lost", reason));
    }

    public Coordinates coordinates() {
        return coordinates;
    }

    /** Stops the server; the application's connections should be closed by then. Can be called twice. */
    @Override
    public void close() throws IOException, InterruptedException {
        synchronized (gate) {
            if (!closed) {
                closed = true;
                gate.notifyAll();
                server.stop();
                LOG.info("PostgreSQL stopped");
            }
        }
    }

    private static EmbeddedDatabase start(DataFolder data, boolean durable, OnLoss onLoss)
            throws IOException, InterruptedException {
        Path folder = data.folder("postgres");
        ServerIdentity identity = ServerIdentity.find();
        identity.own(folder);
        PostgresBinaries binaries = binaries(identity, folder);
        PostgresServer server = new PostgresServer(binaries, identity, folder, durable);
        String superuserPassword = data.keepSecretIfNone(SUPERUSER_PASSWORD, EmbeddedDatabase::randomPassword);
        String password = data.keepSecretIfNone(APPLICATION_PASSWORD, EmbeddedDatabase::randomPassword);
        if (server.isRunning()) {
            LOG.info("A PostgreSQL left by a service that was killed is still running: it is started afresh");
            server.stop();
        }
        if (!server.exists()) {
            LOG.infof("Making a PostgreSQL database in %s", folder);
            server.create(superuserPassword);
        }
        int port = startOnFreePort(server);
        try {
            prepare(port, superuserPassword, password);
            EmbeddedDatabase database =
                    new EmbeddedDatabase(server, port, coordinates(server.socket(port), port, password), onLoss);
            Thread.ofPlatform().daemon().name("postgres-supervisor").start(database::supervise);
            return database;
        } catch (SQLException e) {
            server.stop();
            throw new EmbeddedDatabaseException(
                    "The database in " + folder + " cannot be opened: " + e.getMessage(), e);
        }
    }

    /** In the user's cache where the server may read it, else in the folder. */
    static PostgresBinaries binaries(ServerIdentity identity, Path folder) throws IOException {
        return PostgresBinaries.unpackedIn(
                identity.isOther() || !canWrite(userCache()) ? folder.resolve("programs") : userCache());
    }

    /** Between choosing a port and listening on it somebody else may take it, hence more than one attempt. */
    private static int startOnFreePort(PostgresServer server) throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            int port = freePort();
            try {
                server.start(port);
                return port;
            } catch (EmbeddedDatabaseException e) {
                if (attempt == PORT_ATTEMPTS) {
                    throw e;
                }
                LOG.debugf(e, "PostgreSQL does not start on port %d", port);
            }
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    /** Sees to it that role and database are there; whatever a crash interrupted here is done at the next start. */
    private static void prepare(int port, String superuserPassword, String password) throws SQLException {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {"127.0.0.1"});
        source.setPortNumbers(new int[] {port});
        source.setDatabaseName("postgres");
        source.setUser(PostgresServer.SUPERUSER);
        source.setPassword(superuserPassword);
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            if (!exists(connection, "select from pg_roles where rolname = ?")) {
                statement.execute("create role " + APPLICATION + " login");
            }
            // The password's alphabet is Base64's: nothing in it needs quoting
            statement.execute("alter role " + APPLICATION + " password '" + password + "'");
            if (!exists(connection, "select from pg_database where datname = ?")) {
                statement.execute("create database " + APPLICATION + " owner " + APPLICATION);
            }
        }
    }

    private static Coordinates coordinates(Path socket, int port, String password) {
        String jdbcUrl = "jdbc:postgresql://127.0.0.1:" + port + "/" + APPLICATION;
        String path = socket.toAbsolutePath().toString();
        if (path.getBytes(StandardCharsets.UTF_8).length > LONGEST_SOCKET_PATH || !AFUNIXSocket.isSupported()) {
            return new Coordinates(jdbcUrl, APPLICATION, password);
        }
        String socketUrl = "jdbc:postgresql://localhost:" + port + "/" + APPLICATION + "?socketFactory="
                + AFUNIXSocketFactory.FactoryArg.class.getName() + "&socketFactoryArg="
                + URLEncoder.encode(path, StandardCharsets.UTF_8);
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(socketUrl);
        try (Connection connection = source.getConnection(APPLICATION, password)) {
            LOG.debugf("PostgreSQL is reached by %s: %s", socket, connection);
            return new Coordinates(jdbcUrl, socketUrl, APPLICATION, password);
        } catch (SQLException e) {
            LOG.warnf("PostgreSQL is reached over the network, since its socket does not answer: %s", e.getMessage());
            return new Coordinates(jdbcUrl, APPLICATION, password);
        }
    }

    private static boolean exists(Connection connection, String query) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(query)) {
            select.setString(1, APPLICATION);
            try (ResultSet rows = select.executeQuery()) {
                return rows.next();
            }
        }
    }

    private void supervise() {
        try {
            synchronized (gate) {
                while (!closed) {
                    gate.wait(SUPERVISION_INTERVAL.toMillis());
                    if (!closed && !server.isRunning()) {
                        LOG.error("PostgreSQL ended unexpectedly: it is started again");
                        restart();
                        LOG.info("PostgreSQL is back");
                    }
                }
            }
        } catch (IOException | RuntimeException e) {
            onLoss.lost(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            onLoss.lost(e);
        }
    }

    /** The dead server's children may hold its memory for a moment, so that the first attempts may fail. */
    private void restart() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + RESTART_PATIENCE.toNanos();
        while (true) {
            try {
                server.start(port);
                return;
            } catch (EmbeddedDatabaseException e) {
                if (closed || System.nanoTime() > deadline) {
                    throw e;
                }
                LOG.debug("PostgreSQL does not start yet", e);
                gate.wait(RESTART_INTERVAL.toMillis());
            }
        }
    }

    private static String randomPassword() {
        byte[] bytes = new byte[24];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static Path userCache() {
        String home = System.getProperty("user.home");
        if (System.getProperty("os.name").startsWith("Mac")) {
            return Path.of(home, "Library", "Caches", "async-job-manager");
        }
        String configured = System.getenv().getOrDefault("XDG_CACHE_HOME", "");
        return (configured.startsWith("/") ? Path.of(configured) : Path.of(home, ".cache"))
                .resolve("async-job-manager");
    }

    private static boolean canWrite(Path folder) {
        try {
            return Files.isWritable(Files.createDirectories(folder));
        } catch (IOException e) {
            return false;
        }
    }
}

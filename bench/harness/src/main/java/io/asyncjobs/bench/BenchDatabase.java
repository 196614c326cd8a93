package io.asyncjobs.bench;

import io.asyncjobs.platform.DataFolder;
import io.asyncjobs.platform.embedded.EmbeddedDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.OptionalLong;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;

/** The database of a measurement: one that is given and empty, or an embedded one that goes again. Durable in either case. */
final class BenchDatabase implements AutoCloseable {

    /** What the server has done so far. */
    record Cost(long commits, long walBytes) {}

    private final EmbeddedDatabase.Coordinates coordinates;
    private final @Nullable EmbeddedDatabase embedded;
    private final Connection connection;
    private final OptionalLong postmaster;

    private BenchDatabase(EmbeddedDatabase.Coordinates coordinates, @Nullable EmbeddedDatabase embedded)
            throws SQLException, IOException {
        this.coordinates = coordinates;
        this.embedded = embedded;
        this.connection =
                DriverManager.getConnection(coordinates.jdbcUrl(), coordinates.username(), coordinates.password());
        this.postmaster = postmaster();
    }

    /** Opens the given database, which must hold no table, or starts one in that folder; makes the service's tables. */
    static BenchDatabase open(@Nullable String jdbcUrl, String username, String password, Path folder)
            throws IOException, InterruptedException, SQLException {
        EmbeddedDatabase embedded = jdbcUrl == null
                ? EmbeddedDatabase.start(DataFolder.at(folder), reason -> {
                    throw new IllegalStateException("PostgreSQL ended", reason);
                })
                : null;
        try {
            BenchDatabase database = new BenchDatabase(
                    embedded == null
                            ? new EmbeddedDatabase.Coordinates(String.valueOf(jdbcUrl), username, password)
                            : embedded.coordinates(),
                    embedded);
            database.checkEmpty();
            Flyway.configure()
                    .dataSource(
                            database.coordinates.jdbcUrl(),
                            database.coordinates.username(),
                            database.coordinates.password())
                    .load()
                    .migrate();
            return database;
        } catch (IOException | SQLException | RuntimeException e) {
            if (embedded != null) {
                embedded.close();
            }
            throw e;
        }
    }

    Map<String, String> environment() {
        return Map.of(
                "QUARKUS_DATASOURCE_JDBC_URL", coordinates.jdbcUrl(),
                "QUARKUS_DATASOURCE_SCHEDULE_JDBC_URL", coordinates.socketUrl(),
                "QUARKUS_DATASOURCE_USERNAME", coordinates.username(),
                "QUARKUS_DATASOURCE_PASSWORD", coordinates.password());
    }

    Connection connection() {
        return connection;
    }

    /** The server's main process, where it runs on this machine. */
    OptionalLong postmasterPid() {
        return postmaster;
    }

    Cost cost() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        select xact_commit, pg_current_wal_lsn() - '0/0'::pg_lsn
                        from pg_stat_database where datname = current_database()
                        """)) {
            row.next();
            return new Cost(row.getLong(1), row.getLong(2));
        }
    }

    String describe() throws SQLException {
        return text("""
                select format('PostgreSQL %s, fsync=%s, synchronous_commit=%s', current_setting('server_version'),
                    current_setting('fsync'), current_setting('synchronous_commit'))
                """);
    }

    String text(String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    void execute(String sql, Object... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            statement.execute();
        }
    }

    private void checkEmpty() throws SQLException {
        if (!"0".equals(text("select count(*) from information_schema.tables where table_schema = 'public'"))) {
            throw new IllegalArgumentException("The database " + coordinates + " holds tables already:"
                    + " a measurement wants one of its own, which is empty");
        }
    }

    private OptionalLong postmaster() throws SQLException, IOException {
        String host = coordinates.jdbcUrl().replaceFirst("^jdbc:postgresql://([^:/]*).*$", "$1");
        if (!ProcessMeter.isSupported() || !InetAddress.getByName(host).isLoopbackAddress()) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(ProcessMeter.parentOf(Long.parseLong(text("select pg_backend_pid()"))));
    }

    @Override
    public void close() throws SQLException, IOException, InterruptedException {
        connection.close();
        if (embedded != null) {
            embedded.close();
        }
    }

    Instant now() throws SQLException {
        try (PreparedStatement select = connection().prepareStatement("select clock_timestamp()");
                ResultSet row = select.executeQuery()) {
            row.next();
            return row.getObject(1, OffsetDateTime.class).toInstant();
        }
    }
}

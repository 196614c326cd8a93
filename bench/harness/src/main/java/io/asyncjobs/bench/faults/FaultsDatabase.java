package io.asyncjobs.bench.faults;

import io.asyncjobs.bench.ProcessMeter;
import io.asyncjobs.platform.DataFolder;
import io.asyncjobs.platform.embedded.EmbeddedDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The one PostgreSQL of the cluster, over a folder of its own, with fsync; reached past the proxies. */
final class FaultsDatabase implements AutoCloseable {

    /** How the harness' own sessions are told from the service's. */
    private static final String OWN = "fault-harness";

    private static final int PATIENCE_SECONDS = 90;

    private final EmbeddedDatabase embedded;
    private final Path folder;
    private final AtomicReference<@Nullable Exception> lost;

    private FaultsDatabase(EmbeddedDatabase embedded, Path folder, AtomicReference<@Nullable Exception> lost) {
        this.embedded = embedded;
        this.folder = folder;
        this.lost = lost;
    }

    static FaultsDatabase start(Path folder) throws IOException, InterruptedException {
        AtomicReference<@Nullable Exception> lost = new AtomicReference<>();
        return new FaultsDatabase(EmbeddedDatabase.start(DataFolder.at(folder), lost::set), folder, lost);
    }

    /** Why PostgreSQL is gone for good, if it is. */
    @Nullable
    Exception lost() {
        return lost.get();
    }

    int port() {
        return Integer.parseInt(
                embedded.coordinates().jdbcUrl().replaceFirst("^jdbc:postgresql://[^:/]+:(\\d+)/.*$", "$1"));
    }

    /** What a node needs to reach it through that port. */
    Map<String, String> environment(int throughPort) {
        EmbeddedDatabase.Coordinates at = embedded.coordinates();
        String url = at.jdbcUrl().replaceFirst(":\\d+/", ":" + throughPort + "/");
        return Map.of(
                "QUARKUS_DATASOURCE_JDBC_URL", url,
                "QUARKUS_DATASOURCE_USERNAME", at.username(),
                "QUARKUS_DATASOURCE_PASSWORD", at.password());
    }

    /** A connection of the harness' own; the caller closes it. */
    Connection connect() throws SQLException {
        EmbeddedDatabase.Coordinates at = embedded.coordinates();
        Properties properties = new Properties();
        properties.setProperty("user", at.username());
        properties.setProperty("password", at.password());
        properties.setProperty("ApplicationName", OWN);
        properties.setProperty("connectTimeout", "3");
        properties.setProperty("loginTimeout", "3");
        properties.setProperty("socketTimeout", "120");
        return DriverManager.getConnection(at.jdbcUrl(), properties);
    }

    /** As {@link #connect}, and waits while PostgreSQL takes nobody: forgotten sessions may hold every place for a while. */
    Connection connectPatiently() throws SQLException, InterruptedException {
        long end = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000L;
        while (true) {
            try {
                return connect();
            } catch (SQLException e) {
                if (System.nanoTime() > end) {
                    throw e;
                }
                Thread.sleep(200);
            }
        }
    }

    /** Waits until it answers; false when it does not within that time. */
    boolean awaitAnswer(long millis) throws InterruptedException {
        long end = System.nanoTime() + millis * 1_000_000;
        while (System.nanoTime() < end) {
            try (Connection connection = connect();
                    Statement statement = connection.createStatement()) {
                statement.setQueryTimeout(3);
                // Writing has to be possible too: so long as it recovers it only lets itself be read
                statement.execute("create temporary table answer (n integer)");
                return true;
            } catch (SQLException e) {
                Thread.sleep(50);
            }
        }
        return false;
    }

    OptionalLong postmaster() throws IOException {
        Path lockFile = folder.resolve("postgres/cluster/postmaster.pid");
        if (!Files.exists(lockFile)) {
            return OptionalLong.empty();
        }
        String pid = Files.readString(lockFile).lines().findFirst().orElse("").strip();
        return pid.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Math.abs(Long.parseLong(pid)));
    }

    /** The main process with all it has started. */
    List<Long> processes() throws IOException {
        OptionalLong main = postmaster();
        if (main.isEmpty()) {
            return List.of();
        }
        List<Long> all = new ArrayList<>(ProcessMeter.childrenOf(ProcessMeter.all(), main.getAsLong()));
        all.add(main.getAsLong());
        return all;
    }

    /** Backends of the service whose latest statement holds that text. */
    List<Long> backends(String text) throws SQLException {
        try (Connection connection = connect();
                var select = connection.prepareStatement("""
                        select pid from pg_stat_activity
                        where datname = current_database() and backend_type = 'client backend' and application_name <> ?
                            and position(? in query) > 0
                        order by pid
                        """)) {
            select.setString(1, OWN);
            select.setString(2, text);
            List<Long> pids = new ArrayList<>();
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    pids.add(rows.getLong(1));
                }
            }
            return pids;
        }
    }

    void terminate(List<Long> pids) throws SQLException {
        try (Connection connection = connect();
                var terminate = connection.prepareStatement("select pg_terminate_backend(pid) from unnest(?) as pid")) {
            terminate.setArray(
                    1,
                    connection.createArrayOf(
                            "integer", pids.stream().map(Long::intValue).toArray()));
            terminate.execute();
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        embedded.close();
    }
}

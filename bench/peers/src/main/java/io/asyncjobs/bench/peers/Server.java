package io.asyncjobs.bench.peers;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The one PostgreSQL of a measurement, durable, with a database for each contestant, and what it has done so far. */
final class Server implements AutoCloseable {

    /** Seconds of processor time, committed transactions, bytes of WAL. */
    record Cost(double cpuSeconds, long commits, long walBytes) {}

    static final int CONNECTIONS = 60;
    private static final double KERNEL_TICKS_PER_SECOND = 100;
    private static final int PARENT = 1;
    private static final int USER = 11;
    private static final int CHILDREN_SYSTEM = 14;

    private final Path folder;
    private final EmbeddedPostgres postgres;
    private final long postmaster;

    Server() throws IOException {
        folder = Files.createTempDirectory("asyncjobs-bench-peers");
        Path data = folder.resolve("data");
        postgres = EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setPGStartupWait(Duration.ofMinutes(1))
                // The library turns it off
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("shared_buffers", "256MB")
                .setServerConfig("max_wal_size", "4GB")
                .setServerConfig("max_connections", "200")
                .start();
        postmaster = Long.parseLong(
                Files.readAllLines(data.resolve("postmaster.pid")).getFirst().trim());
    }

    /** A pool on a new database of that name. */
    HikariDataSource newDatabase(String name) throws SQLException {
        create(name);
        HikariConfig settings = new HikariConfig();
        settings.setJdbcUrl(jdbcUrl(name));
        settings.setMaximumPoolSize(CONNECTIONS);
        settings.setConnectionTimeout(Duration.ofMinutes(2).toMillis());
        return new HikariDataSource(settings);
    }

    /** A new database of that name; its address for a JDBC driver. */
    String create(String name) throws SQLException {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create database " + name);
            statement.execute("checkpoint");
        }
        return jdbcUrl(name);
    }

    String username() {
        return "postgres";
    }

    String describe() throws SQLException {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        select format('PostgreSQL %s, fsync=%s, synchronous_commit=%s', current_setting('server_version'),
                            current_setting('fsync'), current_setting('synchronous_commit'))
                        """)) {
            row.next();
            return row.getString(1);
        }
    }

    Cost cost(String database) throws SQLException, IOException {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        select xact_commit, pg_current_wal_lsn() - '0/0'::pg_lsn
                        from pg_stat_database where datname = '%s'
                        """.formatted(database))) {
            row.next();
            return new Cost(cpuSeconds(), row.getLong(1), row.getLong(2));
        }
    }

    String jdbcUrl(String database) {
        return postgres.getJdbcUrl(username(), database);
    }

    /** Of the server's main process, its children that live and those that have ended. */
    private double cpuSeconds() throws IOException {
        long ticks = 0;
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            for (Path process : processes.filter(Server::isProcess).toList()) {
                long[] fields = fields(process);
                boolean main = process.getFileName().toString().equals(Long.toString(postmaster));
                if (main || fields[PARENT] == postmaster) {
                    for (int field = USER; field <= (main ? CHILDREN_SYSTEM : USER + 1); field++) {
                        ticks += fields[field];
                    }
                }
            }
        }
        return ticks / KERNEL_TICKS_PER_SECOND;
    }

    private static boolean isProcess(Path path) {
        return path.getFileName().toString().chars().allMatch(Character::isDigit);
    }

    /** The numbers of its {@code stat} behind the name; all zero for a process that has ended. */
    private static long[] fields(Path process) {
        try {
            String stat = Files.readString(process.resolve("stat"));
            // Its state, a letter, stands first
            return Stream.of(stat.substring(stat.lastIndexOf(')') + 2).split(" "))
                    .limit(CHILDREN_SYSTEM + 1)
                    .mapToLong(field -> Character.isLetter(field.charAt(0)) ? 0 : Long.parseLong(field))
                    .toArray();
        } catch (IOException e) {
            return new long[CHILDREN_SYSTEM + 1];
        }
    }

    @Override
    public void close() throws IOException {
        postgres.close();
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.deleteIfExists(file);
            }
        }
    }
}

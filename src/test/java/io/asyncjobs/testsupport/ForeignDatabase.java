package io.asyncjobs.testsupport;

import io.asyncjobs.platform.DataFolder;
import io.asyncjobs.platform.embedded.EmbeddedDatabase;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;

/** A PostgreSQL server that is not the service's: what a customer's connection leads to. Goes with the JVM. */
public record ForeignDatabase(String jdbcUrl, String username, String password) {

    /** Quarkus loads test classes more than once; the JVM's properties are the one place they all share. */
    private static final String PROPERTY = "asyncjobs.test.foreign-database.";

    private static final Object JVM_WIDE = System.getProperties();

    public static ForeignDatabase ofThisJvm() throws IOException, InterruptedException {
        synchronized (JVM_WIDE) {
            String known = System.getProperty(PROPERTY + "url");
            if (known != null) {
                return new ForeignDatabase(
                        known, System.getProperty(PROPERTY + "username"), System.getProperty(PROPERTY + "password"));
            }
            Path folder = Files.createTempDirectory("asyncjobs-foreign");
            EmbeddedDatabase server = EmbeddedDatabase.startVolatile(DataFolder.at(folder));
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, folder)));
            EmbeddedDatabase.Coordinates at = server.coordinates();
            System.setProperty(PROPERTY + "username", at.username());
            System.setProperty(PROPERTY + "password", at.password());
            System.setProperty(PROPERTY + "url", at.jdbcUrl());
            return new ForeignDatabase(at.jdbcUrl(), at.username(), at.password());
        }
    }

    /** A connection of the test's own, to see what is really there. */
    public Connection connect() throws SQLException {
        return DriverManager.getConnection(jdbcUrl, username, password);
    }

    /** What a {@code postgresql} section of a connection draft says of it. */
    public Map<String, Object> section() {
        return section(jdbcUrl, username);
    }

    /** The same for the database of another JDBC URL. */
    public static Map<String, Object> section(String jdbcUrl, String username) {
        URI url = URI.create(jdbcUrl.substring("jdbc:".length()));
        return Map.of(
                "host",
                url.getHost(),
                "port",
                url.getPort() < 0 ? 5432 : url.getPort(),
                "database",
                url.getPath().substring(1),
                "username",
                username,
                "tls",
                "disable");
    }

    private static void stop(EmbeddedDatabase server, Path folder) {
        try {
            server.close();
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

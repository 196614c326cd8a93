package io.asyncjobs.testsupport;

import io.asyncjobs.platform.DataFolder;
import io.asyncjobs.platform.embedded.EmbeddedDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.testcontainers.postgresql.PostgreSQLContainer;

/**
 * The PostgreSQL of this test JVM: one given by {@code QUARKUS_DATASOURCE_JDBC_URL}, else a container where a container
 * engine answers, else the embedded one in a folder that goes with the JVM.
 */
public record TestDatabase(String jdbcUrl, String username, String password) {

    /** The oldest one that is promised to work. */
    private static final String CONTAINER_IMAGE = "postgres:15-alpine";

    private static final Duration CONTAINER_PATIENCE = Duration.ofMinutes(3);
    private static final Logger LOG = Logger.getLogger(TestDatabase.class);

    /** Quarkus loads test classes more than once; the JVM's properties are the one place they all share. */
    private static final String PROPERTY = "asyncjobs.test.database.";

    private static final Object JVM_WIDE = System.getProperties();

    public static TestDatabase ofThisJvm() {
        synchronized (JVM_WIDE) {
            String known = System.getProperty(PROPERTY + "url");
            if (known != null) {
                return new TestDatabase(
                        known, System.getProperty(PROPERTY + "username"), System.getProperty(PROPERTY + "password"));
            }
            TestDatabase database = given().or(TestDatabase::container).orElseGet(TestDatabase::embedded);
            System.setProperty(PROPERTY + "username", database.username);
            System.setProperty(PROPERTY + "password", database.password);
            System.setProperty(PROPERTY + "url", database.jdbcUrl);
            return database;
        }
    }

    /** A connection of the test's own, beside the application's pool. */
    public Connection connect() throws SQLException {
        return DriverManager.getConnection(jdbcUrl, username, password);
    }

    private static Optional<TestDatabase> given() {
        String url = System.getenv("QUARKUS_DATASOURCE_JDBC_URL");
        if (url == null || url.isBlank()) {
            return Optional.empty();
        }
        return Optional.of(new TestDatabase(
                url,
                System.getenv().getOrDefault("QUARKUS_DATASOURCE_USERNAME", ""),
                System.getenv().getOrDefault("QUARKUS_DATASOURCE_PASSWORD", "")));
    }

    private static Optional<TestDatabase> container() {
        if (!containerEngineAnswers()) {
            return Optional.empty();
        }
        CompletableFuture<TestDatabase> starting = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("test-container").start(() -> {
            try {
                // Ended by Testcontainers' own reaper when the JVM is gone
                PostgreSQLContainer container = new PostgreSQLContainer(CONTAINER_IMAGE);
                container.start();
                starting.complete(
                        new TestDatabase(container.getJdbcUrl(), container.getUsername(), container.getPassword()));
            } catch (RuntimeException | Error e) {
                starting.completeExceptionally(e);
            }
        });
        try {
            return Optional.of(starting.get(CONTAINER_PATIENCE.toSeconds(), TimeUnit.SECONDS));
        } catch (ExecutionException | TimeoutException e) {
            LOG.warnf("A container engine answers, but %s does not start: using the embedded one", CONTAINER_IMAGE);
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static TestDatabase embedded() {
        try {
            Path folder = Files.createTempDirectory("asyncjobs-test");
            EmbeddedDatabase database = EmbeddedDatabase.startVolatile(DataFolder.at(folder));
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                try {
                    database.close();
                    delete(folder);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }));
            EmbeddedDatabase.Coordinates at = database.coordinates();
            return new TestDatabase(at.jdbcUrl(), at.username(), at.password());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Asked by hand: Testcontainers' own search takes long and fills the log where there is no engine. */
    private static boolean containerEngineAnswers() {
        String host = System.getenv().getOrDefault("DOCKER_HOST", "");
        if (host.startsWith("tcp://")) {
            return true;
        }
        Stream<Path> sockets = host.startsWith("unix://")
                ? Stream.of(Path.of(URI.create(host).getPath()))
                : Stream.of(
                        Path.of("/var/run/docker.sock"),
                        Path.of(System.getProperty("user.home"), ".docker", "run", "docker.sock"));
        return sockets.filter(Files::exists).anyMatch(TestDatabase::answersPing);
    }

    private static boolean answersPing(Path socket) {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                channel.connect(UnixDomainSocketAddress.of(socket));
                channel.write(StandardCharsets.US_ASCII.encode("GET /_ping HTTP/1.0\r\n\r\n"));
                ByteBuffer line = ByteBuffer.allocate(12);
                while (line.hasRemaining() && channel.read(line) >= 0) {}
                answer.complete(new String(line.array(), StandardCharsets.US_ASCII).endsWith(" 200"));
            } catch (IOException e) {
                answer.complete(false);
            }
        });
        return answer.completeOnTimeout(false, 2, TimeUnit.SECONDS).join();
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}

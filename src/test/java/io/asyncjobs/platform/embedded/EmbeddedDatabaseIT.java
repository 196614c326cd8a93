package io.asyncjobs.platform.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.asyncjobs.testsupport.ServiceProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedDatabaseIT {

    private static final String BY_SOCKET = """
            select exists (select from pg_stat_activity where backend_type = 'client backend' and client_addr is null)
            """;

    @TempDir
    Path folder;

    @Test
    void is_durable_and_closed_to_others_and_goes_with_the_service() throws Exception {
        Path data = folder.resolve("data");
        try (ServiceProcess service = ServiceProcess.startIn(data)) {
            assertThat(value(service, "show fsync")).isEqualTo("on");
            assertThat(lockFile(data).subList(4, 6))
                    .as("socket folder and address")
                    .containsExactly(".", "127.0.0.1");
            Path socket = data.resolve("postgres/cluster/.s.PGSQL." + port(data));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                    .isEqualTo("rw-------");
            await("heartbeats and claims come by it")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> value(service, BY_SOCKET).equals("t"));
            assertThat(value(service, "show is_superuser")).isEqualTo("off");
            assertThat(Files.readString(data.resolve("postgres/cluster/pg_hba.conf")))
                    .isEqualTo("host all all 127.0.0.1/32 scram-sha-256\nlocal all all scram-sha-256\n");
            assertThat(modesOfFilesIn(data)).containsOnly("rw-------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data)))
                    .startsWith("rwx")
                    .doesNotContainPattern("[rw]..$");

            assertThat(service.terminate()).isEqualTo(143);

            assertThat(service.postmaster()).isEmpty();
            assertThat(Files.readString(data.resolve("postgres/server.log")))
                    .contains("received fast shutdown request", "database system is shut down")
                    .doesNotContain("terminating connection due to administrator command");
        }
    }

    @Test
    void a_service_killed_is_started_again_over_what_it_left() throws Exception {
        Path data = folder.resolve("data");
        try (ServiceProcess first = ServiceProcess.startIn(data)) {
            execute(first, "create table kept (id int)");
            first.kill();
            assertThat(first.postmaster()).as("PostgreSQL outlives the service").isPresent();

            try (ServiceProcess second = ServiceProcess.startIn(data)) {
                assertThat(second.isReady()).isTrue();
                execute(second, "insert into kept values (1)");
            }
        }
    }

    @Test
    void a_second_service_on_the_folder_says_so_and_ends() throws Exception {
        Path data = folder.resolve("data");
        try (ServiceProcess first = ServiceProcess.startIn(data);
                ServiceProcess second = ServiceProcess.launchIn(data, Map.of())) {
            assertThat(second.awaitExit()).isEqualTo(1);

            assertThat(second.log()).contains("in use by another service (process " + first.pid() + ")");
            assertThat(first.isReady()).isTrue();
            first.terminate();
        }
    }

    @Test
    void postgres_killed_under_the_service_comes_back() throws Exception {
        Path data = folder.resolve("data");
        try (ServiceProcess service = ServiceProcess.startIn(data)) {
            ProcessHandle postmaster = service.postmaster().orElseThrow();
            String port = port(data);

            postmaster.destroyForcibly();
            postmaster.onExit().join();

            await().atMost(Duration.ofSeconds(30))
                    .until(() -> service.log().contains("PostgreSQL is back") && service.isReady());
            assertThat(port(data)).isEqualTo(port);
            assertThat(service.postmaster().orElseThrow().pid()).isNotEqualTo(postmaster.pid());
            assertThat(service.terminate()).isEqualTo(143);
            assertThat(service.postmaster()).isEmpty();
        }
    }

    @Test
    void postgres_that_cannot_come_back_ends_the_service() throws Exception {
        Path data = folder.resolve("data");
        try (ServiceProcess service = ServiceProcess.startIn(data)) {
            ProcessHandle postmaster = service.postmaster().orElseThrow();
            Path control = data.resolve("postgres/cluster/global/pg_control");
            Files.move(control, folder.resolve("pg_control"));

            postmaster.destroyForcibly();

            assertThat(service.awaitExit()).isEqualTo(1);
            assertThat(service.log()).contains("PostgreSQL died and cannot be started again");
        }
    }

    private static Stream<String> modes(Stream<Path> files) {
        return files.filter(Files::isRegularFile).map(file -> {
            try {
                return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
            } catch (IOException e) {
                return e.toString();
            }
        });
    }

    private static Stream<String> modesOfFilesIn(Path data) throws IOException {
        try (Stream<Path> files = Files.list(data)) {
            return modes(files).toList().stream();
        }
    }

    private static String port(Path data) throws IOException {
        return lockFile(data).get(3);
    }

    /** Its lines: process, folder, start, port, socket folder, address, … */
    private static List<String> lockFile(Path data) throws IOException {
        return Files.readAllLines(data.resolve("postgres/cluster/postmaster.pid"));
    }

    private static void execute(ServiceProcess service, String sql) throws IOException, SQLException {
        try (Connection connection = service.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String value(ServiceProcess service, String query) throws IOException, SQLException {
        try (Connection connection = service.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }
}

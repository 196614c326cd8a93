package io.asyncjobs.platform.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.asyncjobs.platform.DataFolder;
import io.asyncjobs.platform.crypto.KeyRing;
import io.asyncjobs.testsupport.ServiceProcess;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A primary that dies and a synchronous standby that is promoted: the service finds it by a JDBC URL that names both, all
 * jobs go on, and whatever a client was told is there.
 */
class FailoverIT {

    private static final int JOBS = 10;
    private static final String PASSWORD = "tried-by-failover";

    /** What is promised is 5 s from when the standby accepts writes; the rest is for a machine that is busy. */
    private static final Duration BOUND = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    @Test
    void standby_is_promoted_and_nothing_that_was_answered_is_missing() throws Exception {
        ServerIdentity identity = ServerIdentity.find();
        PostgresServer primary = server(identity, "primary");
        PostgresServer standby = server(identity, "standby");
        int primaryPort = freePort();
        int standbyPort = freePort();
        primary.create(PASSWORD);
        primary.start(primaryPort);
        try {
            execute(
                    primaryPort,
                    "create role asyncjobs login password '" + PASSWORD + "'",
                    "create database asyncjobs owner asyncjobs");
            primary.stop();
            copy(identity, primaryPort);
            primary.start(primaryPort);
            standby.start(standbyPort);
            execute(primaryPort, "alter system set synchronous_standby_names = '*'", "select pg_reload_conf()");
            await().atMost(BOUND).until(() -> query(primaryPort, "select sync_state from pg_stat_replication")
                    .equals(List.of("sync")));
            Map<String, String> both = Map.of(
                    "QUARKUS_DATASOURCE_JDBC_URL",
                    "jdbc:postgresql://127.0.0.1:%d,127.0.0.1:%d/asyncjobs?targetServerType=primary"
                            .formatted(primaryPort, standbyPort),
                    "QUARKUS_DATASOURCE_USERNAME",
                    "asyncjobs",
                    "QUARKUS_DATASOURCE_PASSWORD",
                    PASSWORD,
                    "ASYNCJOBS_ENCRYPTION_KEYS",
                    KeyRing.newKey("tried"),
                    "ASYNCJOBS_AUDIT_KEYS",
                    KeyRing.newKey("tried"));
            try (ServiceProcess service = ServiceProcess.startIn(folder.resolve("data"), both)) {
                failOver(service, standbyPort, primary);
            }
        } finally {
            primary.stop();
            standby.stop();
        }
    }

    private void failOver(ServiceProcess service, int standbyPort, PostgresServer primary) throws Exception {
        String token = ServiceProcess.token(service.data(), "alice", "superadmin");
        for (int i = 0; i < JOBS; i++) {
            assertThat(create(service, token, "neighbour-" + i, 1)).isEqualTo(201);
        }
        awaitAllRun(standbyPort, "before");

        List<String> answered = new CopyOnWriteArrayList<>();
        Thread client = Thread.ofPlatform().start(() -> {
            for (int i = 0; !Thread.currentThread().isInterrupted(); i++) {
                String name = "witness-" + i;
                try {
                    if (create(service, token, name, 300) == 201) {
                        answered.add(name);
                    }
                } catch (RuntimeException e) {
                    // No answer: it may be there or not
                    continue;
                }
            }
        });
        await().atMost(BOUND).until(() -> answered.size() >= 5);
        kill(primary);
        execute(standbyPort, "select pg_promote(true, 30)");
        awaitAllRun(standbyPort, "after the promotion");
        client.interrupt();
        client.join(TimeUnit.SECONDS.toMillis(30));

        assertThat(query(standbyPort, "select name from job where name like 'witness-%'"))
                .containsAll(answered);
        assertThat(service.isReady()).isTrue();
    }

    private PostgresServer server(ServerIdentity identity, String name) throws IOException, InterruptedException {
        Path own = DataFolder.at(Files.createDirectories(folder.resolve(name))).folder("postgres");
        identity.own(own);
        return new PostgresServer(EmbeddedDatabase.binaries(identity, own), identity, own, true);
    }

    /** The standby begins as a copy of the primary at rest. */
    private void copy(ServerIdentity identity, int primaryPort) throws IOException, InterruptedException {
        Path from = folder.resolve("primary/postgres/cluster");
        Path to = folder.resolve("standby/postgres/cluster");
        Files.writeString(
                from.resolve("pg_hba.conf"),
                "host replication all 127.0.0.1/32 scram-sha-256\n",
                StandardOpenOption.APPEND);
        assertThat(new ProcessBuilder("cp", "-a", from.toString(), to.toString())
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
        Files.writeString(
                to.resolve("postgresql.auto.conf"),
                "primary_conninfo = 'host=127.0.0.1 port=%d user=postgres password=%s application_name=standby'\n"
                        .formatted(primaryPort, PASSWORD),
                StandardOpenOption.APPEND);
        Path signal = Files.createFile(to.resolve("standby.signal"));
        identity.give(signal);
    }

    private static void kill(PostgresServer server) throws IOException {
        OptionalLong pid = server.process();
        ProcessHandle process = ProcessHandle.of(pid.orElseThrow()).orElseThrow();
        process.destroyForcibly();
        process.onExit().join();
    }

    private static void awaitAllRun(int standbyPort, String when) throws SQLException {
        String since = query(standbyPort, "select clock_timestamp()::text").getFirst();
        await(when).atMost(BOUND).untilAsserted(() -> assertThat(query(standbyPort, """
                        select distinct j.name from run r join job j on j.id = r.job_id
                        where j.name like 'neighbour-%' and r.outcome = 'succeeded' and r.started_at > '""" + since + "'"))
                .hasSize(JOBS));
    }

    private static int create(ServiceProcess service, String token, String name, int interval) {
        RequestSpecification api = service.api(token);
        return api.body(Map.of("name", name, "pollIntervalSeconds", interval, "script", "return 1"))
                .post("/jobs")
                .statusCode();
    }

    private static void execute(int port, String... statements) throws SQLException {
        try (Connection connection = connect(port, "postgres");
                Statement statement = connection.createStatement()) {
            for (String text : statements) {
                statement.execute(text);
            }
        }
    }

    private static List<String> query(int port, String text) throws SQLException {
        List<String> found = new ArrayList<>();
        try (Connection connection = connect(port, text.contains(" job ") ? "asyncjobs" : "postgres");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(text)) {
            while (rows.next()) {
                found.add(rows.getString(1));
            }
        }
        return found;
    }

    private static Connection connect(int port, String database) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + port + "/" + database, "postgres", PASSWORD);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }
}

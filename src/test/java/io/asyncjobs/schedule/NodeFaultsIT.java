package io.asyncjobs.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.asyncjobs.platform.DataFolder;
import io.asyncjobs.platform.crypto.KeyRing;
import io.asyncjobs.platform.embedded.EmbeddedDatabase;
import io.asyncjobs.testsupport.ServiceProcess;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three nodes of which one is killed, asked to end, or frozen, beside twenty jobs of a second. What it ran is lost or ends;
 * its other jobs run elsewhere, long before it could be taken for dead.
 */
@TestInstance(Lifecycle.PER_CLASS)
class NodeFaultsIT {

    private static final int JOBS = 20;
    private static final int LONG_JOBS = 9;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** 6 s are promised; the rest is for a machine that has other things to do. */
    private static final Duration TAKEN_OVER_WITHIN = Duration.ofSeconds(15);

    /** A second, or half of one, is promised. Where nobody knew of the node's end, its ticks would wait 5 s and more. */
    private static final String LATE = "interval '4 s'";

    @TempDir
    static Path folder;

    private EmbeddedDatabase database;
    private Map<String, String> shared;
    private final List<Node> nodes = new ArrayList<>();
    private int started;

    private record Node(ServiceProcess service, String token) {

        RequestSpecification api() {
            return service.api(token);
        }

        String nameInDatabase() {
            return "%-" + service.pid();
        }
    }

    @BeforeAll
    void start() throws Exception {
        database = EmbeddedDatabase.startVolatile(DataFolder.at(folder.resolve("database")));
        EmbeddedDatabase.Coordinates at = database.coordinates();
        shared = Map.of(
                "QUARKUS_DATASOURCE_JDBC_URL", at.jdbcUrl(),
                "QUARKUS_DATASOURCE_USERNAME", at.username(),
                "QUARKUS_DATASOURCE_PASSWORD", at.password(),
                "ASYNCJOBS_ENCRYPTION_KEYS", KeyRing.newKey("shared"),
                "ASYNCJOBS_AUDIT_KEYS", KeyRing.newKey("shared"));
        addNode();
        for (int i = 0; i < JOBS; i++) {
            create("neighbour-" + i, 1, "return 1");
        }
    }

    @AfterAll
    void stop() throws Exception {
        for (Node node : nodes) {
            node.service.close();
        }
        database.close();
    }

    @BeforeEach
    void threeNodesShareTheJobs() throws Exception {
        while (nodes.size() < 3) {
            addNode();
        }
        await("each of three nodes runs something").atMost(PATIENCE).untilAsserted(() -> assertThat(query("""
                        select count(distinct node_id)::text from run
                        where started_at > clock_timestamp() - interval '2 s' and outcome = 'succeeded'
                        """))
                .containsExactly("3"));
    }

    @Test
    void node_is_killed() throws Exception {
        for (int i = 0; i < LONG_JOBS; i++) {
            create("long-" + i, 1, "await sleep(280000)");
        }
        await("all run").atMost(PATIENCE).untilAsserted(() -> assertThat(query("""
                        select count(*)::text from run r join job j on j.id = r.job_id
                        where j.name like 'long-%' and r.outcome is null and r.started_at < clock_timestamp()
                        """))
                .containsExactly(String.valueOf(LONG_JOBS)));
        Node victim = holderOf("j.name like 'long-%'");

        victim.service.kill();
        String killed = now();
        nodes.remove(victim);

        String lost = "select r.job_id from run r join job j on j.id = r.job_id join node n on n.id = r.node_id"
                + " where j.name like 'long-%' and r.outcome = 'lost' and n.name like '" + victim.nameInDatabase()
                + "'";
        await("what it ran is lost and runs again").atMost(TAKEN_OVER_WITHIN).untilAsserted(() -> assertThat(
                        query("select count(*)::text from run r where r.outcome is null and r.started_at > '" + killed
                                + "' and r.job_id in (" + lost + ") and (select count(*) from (" + lost + ") l) > 0"))
                .isNotEqualTo(List.of("0"))
                .isEqualTo(query("select count(*)::text from (" + lost + ") l")));
        awaitTicksOf(killed, 5);
        assertThat(query(lateTicks(killed)
                        + " and not exists (select from run l where l.job_id = r.job_id and l.outcome = 'lost'"
                        + " and l.scheduled_for > '" + killed + "'::timestamptz - interval '2 s')"))
                .as("late ticks of jobs that it did not hold")
                .isEmpty();
        for (int i = 0; i < LONG_JOBS; i++) {
            nodes.getFirst()
                    .api()
                    .header("If-Match", "*")
                    .post("/jobs/long-{i}/archive", i)
                    .then()
                    .statusCode(200);
            nodes.getFirst()
                    .api()
                    .body(Map.of("reason", "no longer needed"))
                    .post("/runs/{run}/cancel", runOf("long-" + i))
                    .then()
                    .statusCode(202);
        }
        await("the long ones end").atMost(PATIENCE).untilAsserted(() -> assertThat(query("""
                        select j.name from job_timer t join job j on j.id = t.job_id
                        where j.name like 'long-%' and t.lease_run is not null
                        """))
                .isEmpty());
    }

    @Test
    void node_is_asked_to_end() throws Exception {
        Node leaving = nodes.getLast();
        String asked = now();

        assertThat(leaving.service.terminate()).isEqualTo(143);
        nodes.remove(leaving);

        awaitTicksOf(asked, 4);
        assertThat(query("select id::text from run where outcome = 'lost' and scheduled_for > '" + asked + "'"))
                .isEmpty();
        assertThat(query(lateTicks(asked))).isEmpty();
        assertThat(query("select reason from tick_gap where reason = 'down' and last_tick > '" + asked + "'"))
                .isEmpty();
    }

    @Test
    void calls_that_wait_while_their_node_is_frozen_are_not_made_when_it_wakes() throws Exception {
        List<String> arrived = new CopyOnWriteArrayList<>();
        CountDownLatch answer = new CountDownLatch(1);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            arrived.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            try {
                answer.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
        try {
            nodes.getFirst()
                    .api()
                    .body(Map.of(
                            "http",
                            Map.of(
                                    "baseUrl",
                                    "http://127.0.0.1:" + server.getAddress().getPort(),
                                    "readTimeoutMillis",
                                    60_000,
                                    "totalTimeoutMillis",
                                    60_000)))
                    .put("/connections/slow")
                    .then()
                    .statusCode(201);
            create("queued", 1, """
                    const calls = [];
                    for (let i = 0; i < 60; i++) calls.push(http.post('slow', '/', run.id));
                    await Promise.allSettled(calls);
                    await sleep(280000);
                    """);
            await("calls are under way").atMost(PATIENCE).until(() -> !arrived.isEmpty());
            String frozenRun = arrived.getFirst();
            Node frozen = holderOf("j.name = 'queued'");
            await("as many as may at once").atMost(PATIENCE).until(() -> arrived.size() >= 20);
            assertThat(arrived).as("the others wait in the node").hasSize(20);

            signal("STOP", frozen);
            try {
                await("another node runs the job").atMost(PATIENCE).until(() -> arrived.stream()
                        .anyMatch(run -> !run.equals(frozenRun)));
            } finally {
                // What is under way is answered, so that what waits would have its turn
                answer.countDown();
                signal("CONT", frozen);
            }

            await("the frozen node is back").atMost(PATIENCE).untilAsserted(() -> assertThat(
                            query("select count(*)::text from node where name like '" + frozen.nameInDatabase()
                                    + "' and ended_at is null and heartbeat_at > clock_timestamp() - interval '2 s'"))
                    .containsExactly("1"));
            await("the other run has made all its calls")
                    .atMost(PATIENCE)
                    .until(() -> arrived.stream()
                                    .filter(run -> !run.equals(frozenRun))
                                    .count()
                            >= 60);
            assertThat(Collections.frequency(arrived, frozenRun)).isEqualTo(20);
        } finally {
            answer.countDown();
            nodes.getFirst()
                    .api()
                    .header("If-Match", "*")
                    .post("/jobs/queued/archive")
                    .then()
                    .statusCode(200);
            server.stop(0);
        }
    }

    /** Runs of the short jobs that began long after their tick. */
    private static String lateTicks(String since) {
        return "select j.name || ' ' || (r.started_at - r.scheduled_for) from run r join job j on j.id = r.job_id"
                + " where j.name like 'neighbour-%' and r.scheduled_for > '" + since
                + "' and r.started_at - r.scheduled_for > " + LATE;
    }

    /** Until each short job has run so many ticks after that instant, so that there is something to look at. */
    private void awaitTicksOf(String since, int ticks) {
        await("all go on").atMost(PATIENCE).untilAsserted(() -> assertThat(query("""
                        select j.name from job j
                        where j.name like 'neighbour-%%' and (
                            select count(*) from run r
                            where r.job_id = j.id and r.outcome = 'succeeded' and r.scheduled_for > '%s') < %d
                        """.formatted(since, ticks)))
                .isEmpty());
    }

    private Node holderOf(String jobs) throws SQLException {
        List<String> names = query("select n.name from job_timer t join job j on j.id = t.job_id"
                + " join node n on n.id = t.lease_node where " + jobs);
        return nodes.stream()
                .filter(node -> names.stream().anyMatch(name -> name.endsWith("-" + node.service.pid())))
                .findFirst()
                .orElseThrow();
    }

    private String runOf(String job) throws SQLException {
        return query("select t.lease_run::text from job_timer t join job j on j.id = t.job_id where j.name = '" + job
                        + "'")
                .getFirst();
    }

    private String now() throws SQLException {
        return query("select clock_timestamp()::text").getFirst();
    }

    private void create(String name, int interval, String script) {
        nodes.getFirst()
                .api()
                .body(Map.of("name", name, "pollIntervalSeconds", interval, "script", script, "timeoutSeconds", 300))
                .post("/jobs")
                .then()
                .statusCode(201);
    }

    private void addNode() throws IOException, InterruptedException {
        Path data = folder.resolve("node-" + started++);
        ServiceProcess service = ServiceProcess.startIn(data, shared);
        nodes.add(new Node(service, ServiceProcess.token(data, "alice", "superadmin")));
    }

    private static void signal(String signal, Node node) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(node.service.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    private List<String> query(String text) throws SQLException {
        EmbeddedDatabase.Coordinates at = database.coordinates();
        List<String> found = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(at.jdbcUrl(), at.username(), at.password());
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(text)) {
            while (rows.next()) {
                found.add(rows.getString(1));
            }
        }
        return found;
    }
}

package io.asyncjobs.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.asyncjobs.testsupport.ForeignDatabase;
import io.asyncjobs.testsupport.RawServer;
import io.asyncjobs.testsupport.ServiceProcess;
import io.restassured.path.json.JsonPath;
import io.restassured.specification.RequestSpecification;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Scripts whose host calls would fill the node's memory, against the service as it is delivered: a heap of 512 MiB, and
 * the node ends when it is full. Beside them twenty jobs of a second do their work.
 */
class HostMemoryIT {

    private static final int NEIGHBOURS = 20;
    private static final int MOST_GROWTH_KILOBYTES = 64 * 1024;
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Duration ON_TIME = Duration.ofSeconds(5);

    private static final String BODY_TO_NOWHERE =
            "const s = 'x'.repeat(4e6); for (let i = 0; i < 400; i++) try { await http.post('no', '/x', s) } catch {}";

    @TempDir
    static Path folder;

    private static ServiceProcess service;
    private static String token;
    private static HttpServer large;
    private static ServerSocket silent;
    private static final List<RawServer> RAW = new ArrayList<>();
    private long heapBefore;
    private final List<String> jobs = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        service = ServiceProcess.startIn(folder.resolve("data"), ServiceProcess.AS_DELIVERED);
        token = ServiceProcess.token(service.data(), "alice", "superadmin");
        large = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        large.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        byte[] body = "x".repeat(4_000_000).getBytes(StandardCharsets.US_ASCII);
        large.createContext("/", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "text/plain");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        large.start();
        // Takes connections, reads nothing and says nothing
        silent = new ServerSocket(0, 2_000, InetAddress.getLoopbackAddress());
        connectHttp("large", "http://127.0.0.1:" + large.getAddress().getPort());
        connectHttp("silent", "http://127.0.0.1:" + silent.getLocalPort());
        connectHttp("endless", raw((request, out) -> {
            write(out, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (; ; ) {
                write(out, "8000\r\n" + "x".repeat(0x8000) + "\r\n");
            }
        }));
        byte[] bomb = gzipOfZeros(1L << 30);
        connectHttp("gzip", raw((request, out) -> {
            write(
                    out,
                    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n".formatted(bomb.length));
            out.write(bomb);
        }));
        connectHttp("headers", raw((request, out) -> {
            write(out, "HTTP/1.1 200 OK\r\n");
            for (int i = 0; i < 100_000; i++) {
                write(out, "X-" + i + ": " + "x".repeat(1_000) + "\r\n");
            }
        }));
        connectHttp("status", raw((request, out) -> {
            write(out, "HTTP/1.1 200 ");
            for (int i = 0; i < 100_000; i++) {
                write(out, "x".repeat(1_000));
            }
        }));
        ForeignDatabase foreign = ForeignDatabase.ofThisJvm();
        api().body(Map.of("postgresql", foreign.section(), "secret", foreign.password()))
                .put("/api/v1/connections/db")
                .then()
                .statusCode(201);
        for (int i = 0; i < NEIGHBOURS; i++) {
            create("neighbour-" + i, 1, "return 1", Map.of());
        }
        for (int i = 0; i < NEIGHBOURS; i++) {
            String name = "neighbour-" + i;
            await().atMost(PATIENCE).until(() -> runs(name, "").getInt("total") > 1);
        }
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
        large.stop(0);
        silent.close();
        for (RawServer server : RAW) {
            server.close();
        }
    }

    @BeforeEach
    void measure() throws Exception {
        heapBefore = service.heapKilobytes();
    }

    @AfterEach
    void node_and_neighbours_are_as_before() throws Exception {
        for (String job : jobs) {
            api().header("If-Match", "*")
                    .post("/api/v1/jobs/" + job + "/archive")
                    .then()
                    .statusCode(200);
        }
        List<Integer> soFar = new ArrayList<>();
        for (int i = 0; i < NEIGHBOURS; i++) {
            soFar.add(runs("neighbour-" + i, "").getInt("total"));
        }
        for (int i = 0; i < NEIGHBOURS; i++) {
            String name = "neighbour-" + i;
            int before = soFar.get(i);
            await(name).atMost(ON_TIME).until(() -> runs(name, "").getInt("total") > before);
            for (String outcome : List.of("failed", "lost", "timed_out", "limit_exceeded", "cancelled")) {
                assertThat(runs(name, "&outcome=" + outcome).getInt("total"))
                        .as("%s, %s", name, outcome)
                        .isZero();
            }
        }
        assertThat(service.get("/q/health/ready").statusCode()).isEqualTo(200);
        await("the heap is as before")
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> service.heapKilobytes() < heapBefore + MOST_GROWTH_KILOBYTES);
    }

    @Test
    void bodies_for_connections_that_do_not_exist_are_not_held() {
        String job = job(5, BODY_TO_NOWHERE, Map.of());

        JsonPath trial = trial(BODY_TO_NOWHERE);
        assertThat(trial.getString("outcome")).isEqualTo("limit_exceeded");
        assertThat(trial.getString("error.message")).contains("Limit of 536870912 bytes for the arguments of all");
        assertThat(trial.getList("effects")).isEmpty();
        assertThat(ended(job, 1)).allSatisfy(run -> assertThat(run).containsEntry("outcome", "limit_exceeded"));
    }

    @Test
    void audit_records_and_effects_are_bounded_in_bytes() {
        String large = job(
                300,
                "const before = { v: 'x'.repeat(60000) }; for (let i = 0; i < 9990; i++) await audit.record({ action: 'a',"
                        + " entityType: 't', entityId: String(i), before });",
                Map.of());
        String small = job(
                300,
                "for (let i = 0; i < 90000; i++) await audit.record({ action: 'a', entityType: 't', entityId: String(i) });",
                Map.of("limits", Map.of("hostCalls", 100_000)));
        run(large);
        run(small);

        for (String job : List.of(large, small)) {
            assertThat(ended(job, 1))
                    .allSatisfy(run -> assertThat(run).containsEntry("outcome", "limit_exceeded"))
                    .allSatisfy(run -> assertThat(String.valueOf(run.get("error")))
                            .contains("Limit of 33554432 bytes for effects, audit records, state and log"));
        }
    }

    @Test
    void log_entries_cost_something_even_if_they_are_empty() {
        String empty = job(300, "for (;;) log.info('')", Map.of("timeoutSeconds", 3));
        String data = job(
                300,
                "const d = { v: 'x'.repeat(2e5) }; for (let i = 0; i < 5000; i++) log.info('', d)",
                Map.of("timeoutSeconds", 10));
        String emptyRun = run(empty);
        run(data);

        assertThat(ended(empty, 1))
                .allSatisfy(run ->
                        assertThat(run).containsEntry("outcome", "timed_out").containsEntry("logTruncated", true));
        assertThat(api().get("/api/v1/runs/" + emptyRun + "/log")
                        .asString()
                        .lines()
                        .count())
                .isBetween(1_000L, 8_193L);
        assertThat(ended(data, 1)).allSatisfy(run -> assertThat(run).containsEntry("logTruncated", true));
    }

    @Test
    void answers_of_databases_are_cut_while_they_are_read() {
        for (String query : List.of(
                "select repeat('x',400000000)::int",
                "select repeat('x',400000000)",
                "select repeat('x',100000) from generate_series(1, 100000)",
                "select repeat('x',1000000) as a, repeat('y',90000000) as b, repeat('z',90000000) as c")) {
            JsonPath trial = trial("return (await sql.query('db', \"" + query + "\")).length");
            assertThat(trial.getString("outcome")).as(query).isEqualTo("failed");
            assertThat(trial.getString("error.message")).as(query).containsAnyOf("too large", "at most");
        }
        String job = job(
                300,
                "await sql.execute('db', \"do $$ begin raise exception '%', repeat('x',400000000); end $$\")",
                Map.of());
        String catching = job(
                300,
                "for (let i = 0; i < 2; i++) try { await sql.execute('db', \"do $$ begin raise exception '%',"
                        + " repeat('x',400000000); end $$\") } catch (e) { log.info(e.message) } return 1",
                Map.of());
        run(job);
        run(catching);
        assertThat(ended(job, 1)).allSatisfy(run -> assertThat(run).containsEntry("outcome", "failed"));
        assertThat(ended(catching, 1))
                .allSatisfy(run -> assertThat(run.get("outcome")).isNotEqualTo("lost"));
    }

    @Test
    void bodies_that_are_read_wait_for_room() {
        String script =
                "const all = await Promise.all(Array.from({ length: 20 }, () => http.get('large', '/').then(r =>"
                        + " r.text().length))); return all.length;";
        List<String> greedy = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            greedy.add(job(2, script, Map.of()));
        }
        for (String job : greedy) {
            assertThat(ended(job, 2)).allSatisfy(run -> assertThat(Set.of("succeeded", "limit_exceeded"))
                    .contains(String.valueOf(run.get("outcome"))));
        }
    }

    @Test
    void bodies_that_wait_count() {
        String many = job(
                300,
                "const s = 'x'.repeat(4e6); await Promise.all(Array.from({ length: 900 }, () => http.post('silent', '/x', s)))",
                Map.of("timeoutSeconds", 8));
        List<String> atTheirLimit = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            atTheirLimit.add(job(
                    300,
                    "const s = 'x'.repeat(1.5e6); await Promise.all(Array.from({ length: 20 }, () => http.post('silent', '/x', s)))",
                    Map.of("timeoutSeconds", 6)));
        }
        run(many);
        assertThat(ended(many, 1)).allSatisfy(run -> {
            assertThat(run).containsEntry("outcome", "limit_exceeded");
            assertThat(String.valueOf(run.get("error"))).contains("Limit of 33554432 bytes for the arguments of host");
        });
        // These may also meet the memory limit of their worker process, which they share
        atTheirLimit.forEach(HostMemoryIT::run);
        for (String job : atTheirLimit) {
            assertThat(ended(job, 1)).allSatisfy(run -> assertThat(Set.of("timed_out", "limit_exceeded"))
                    .contains(String.valueOf(run.get("outcome"))));
        }
    }

    @Test
    void servers_that_send_without_end_are_hung_up_on() {
        for (String server : List.of("endless", "gzip", "headers", "status")) {
            JsonPath trial =
                    trial("await Promise.all(Array.from({ length: 10 }, () => http.get('" + server + "', '/')))");
            assertThat(trial.getString("outcome")).as(server).isEqualTo("failed");
        }
    }

    @Test
    void states_and_results_are_bounded_too() {
        String states = job(
                300,
                "await state.set('k', 'x'.repeat(900000)); for (let round = 0; round < 2; round++) await"
                        + " Promise.all(Array.from({ length: 50 }, () => state.get('k'))); for (let i = 0; i < 100; i++) await"
                        + " state.set('k', String(i) + 'y'.repeat(900000)); return 1",
                Map.of());
        List<String> results = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            results.add(job(1, "return 'x'.repeat(1000000)", Map.of("limits", Map.of("resultBytes", 1_048_576))));
        }
        run(states);
        assertThat(ended(states, 1)).allSatisfy(run -> assertThat(Set.of("succeeded", "limit_exceeded"))
                .contains(String.valueOf(run.get("outcome"))));
        for (String job : results) {
            assertThat(ended(job, 3)).allSatisfy(run -> assertThat(run).containsEntry("outcome", "succeeded"));
        }
    }

    // ---- The service ----

    private String job(int interval, String script, Map<String, Object> more) {
        String name = "greedy-" + java.util.UUID.randomUUID();
        String id = create(name, interval, script, more);
        jobs.add(id);
        return id;
    }

    private static String create(String name, int interval, String script, Map<String, Object> more) {
        Map<String, Object> draft = new HashMap<>(more);
        draft.put("name", name);
        draft.put("pollIntervalSeconds", interval);
        draft.put("script", script);
        return api().body(draft)
                .post("/api/v1/jobs")
                .then()
                .statusCode(201)
                .extract()
                .jsonPath()
                .getString("id");
    }

    private static JsonPath trial(String script) {
        return api().body(Map.of("script", script))
                .post("/api/v1/trials")
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();
    }

    private static String run(String job) {
        return await().atMost(PATIENCE)
                .until(
                        () -> api().post("/api/v1/jobs/" + job + "/runs")
                                .jsonPath()
                                .getString("id"),
                        Objects::nonNull);
    }

    /** The job's runs that have ended, once there are so many. */
    private static List<Map<String, Object>> ended(String job, int atLeast) {
        return await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(300))
                .until(
                        () -> api().get("/api/v1/jobs/" + job + "/runs?size=20")
                                .jsonPath()
                                .getList("items.findAll { it.outcome != null }"),
                        found -> found.size() >= atLeast);
    }

    private static JsonPath runs(String job, String filter) {
        return api().get("/api/v1/jobs/" + job + "/runs?size=1" + filter).jsonPath();
    }

    private static void connectHttp(String name, String url) {
        api().body(Map.of("http", Map.of("baseUrl", url, "maxResponseBytes", 4 * 1024 * 1024)))
                .put("/api/v1/connections/" + name)
                .then()
                .statusCode(201);
    }

    private static String raw(RawServer.Answer answer) throws IOException {
        RawServer server = RawServer.start(answer);
        RAW.add(server);
        return server.url();
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static byte[] gzipOfZeros(long length) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(packed)) {
            byte[] zeros = new byte[1 << 20];
            for (long i = 0; i < length; i += zeros.length) {
                zip.write(zeros);
            }
        }
        return packed.toByteArray();
    }

    private static RequestSpecification api() {
        return service.request(token);
    }
}

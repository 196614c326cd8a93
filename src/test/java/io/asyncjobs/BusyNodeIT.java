package io.asyncjobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.asyncjobs.testsupport.ServiceProcess;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients that take all they can get of a node with the heap its users give it: it refuses what it has no room for, says that
 * it lives, and its jobs go on.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BusyNodeIT {

    private static final int NEIGHBOURS = 20;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** What is looked for is a node that waits or hangs, tens of seconds, not a machine that has other things to do. */
    private static final Duration SOON = Duration.ofSeconds(5);

    private static final int HEAVY_RUNS = 500;
    private static final String MEGABYTE = "x".repeat(1_000_000);

    private ServiceProcess service;
    private String token;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        service = ServiceProcess.startIn(
                folder.resolve("data"),
                Map.of(
                        "ASYNCJOBS_HTTP_BODY_TIMEOUT", "6s",
                        "ASYNCJOBS_HTTP_HEAD_TIMEOUT", "4s",
                        "ASYNCJOBS_HTTP_MAX_CONNECTIONS", "700"));
        token = ServiceProcess.token(service.data(), "alice", "superadmin");
        for (int i = 0; i < NEIGHBOURS; i++) {
            create("neighbour-" + i, 1);
        }
    }

    @AfterAll
    void stop() throws IOException {
        service.close();
    }

    @Test
    void bodies_that_trickle_hold_nobody_up_and_come_to_an_end() throws Exception {
        Map<String, Integer> answers = whileHealthAnswers(
                210,
                i -> () -> trickled(
                        "POST /api/v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization:"
                                + " Bearer " + token + "\r\nContent-Length: 100000\r\n\r\n"));

        assertThat(answers).containsOnlyKeys("408");
    }

    @Test
    void heads_that_trickle_hold_nobody_up_and_come_to_an_end() throws Exception {
        Map<String, Integer> answers =
                whileHealthAnswers(900, i -> () -> trickled("GET /api/v1/jobs HTTP/1.1\r\nHost: x\r\nX-Slow: "));

        assertThat(answers.keySet()).isSubsetOf("408", "closed");
    }

    @Test
    void large_scripts_at_once_are_saved_or_refused() throws Exception {
        for (int i = 0; i < 10; i++) {
            create("large-" + i, 300);
        }

        Map<String, Integer> saved = whileHealthAnswers(
                200,
                i -> () -> answered(
                        "PUT", "/api/v1/jobs/large-" + i % 10 + "/script", "//" + i + MEGABYTE + "\nreturn 1"));
        Map<String, Integer> tried = whileHealthAnswers(
                100,
                i -> () -> answered("POST", "/api/v1/trials", "{\"script\": \"//" + i + MEGABYTE + "\\nreturn 1\"}"));
        Map<String, Integer> read =
                whileHealthAnswers(200, i -> () -> answered("GET", "/api/v1/jobs/large-" + i % 10, ""));

        assertThat(saved.keySet()).isSubsetOf("200", "503 with Retry-After").contains("200");
        assertThat(tried.keySet()).isSubsetOf("200", "503 with Retry-After").contains("200");
        assertThat(read.keySet()).isSubsetOf("200", "503 with Retry-After").contains("200");
    }

    @Test
    void lists_of_large_things_are_small() throws Exception {
        String job = create("heavy", 300);
        fillHistory(job);

        Map<String, Integer> runs =
                whileHealthAnswers(20, i -> () -> answered("GET", "/api/v1/jobs/heavy/runs?size=500", ""));
        Map<String, Integer> jobs = whileHealthAnswers(500, i -> () -> answered("GET", "/api/v1/jobs?size=500", ""));

        assertThat(runs.keySet()).isSubsetOf("200", "503 with Retry-After").contains("200");
        assertThat(jobs.keySet()).isSubsetOf("200", "503 with Retry-After").contains("200");
    }

    /** Runs and a job of the kind that scripts leave behind, each with megabytes that compress well. */
    private void fillHistory(String job) throws IOException, SQLException {
        try (Connection connection = service.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("""
                    insert into run (id, job_id, revision, trigger, scheduled_for, started_at, finished_at, outcome, node_id, epoch,
                        result, effects)
                    select gen_random_uuid(), '%s', 1, 'manual', now(), now(), now(), 'succeeded', (select id from node limit 1), n,
                        '"' || repeat('r', 1000000) || '"', '[' || repeat(' ', 1000000) || ']'
                    from generate_series(1, %d) n
                    """.formatted(job, HEAVY_RUNS));
            statement.execute("update job set parameters = '{\"a\": \"' || repeat('p', 1000000) || '\"}', description ="
                    + " repeat('d', 1000000)");
        }
    }

    /** Does that so often at once, while health answers and jobs run; how often each answer came. */
    private Map<String, Integer> whileHealthAnswers(int times, IntFunction<Callable<String>> client) throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        Map<String, Integer> answers = new TreeMap<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Duration> slowest = threads.submit(() -> slowestHealth(done));
            List<Future<String>> clients = new ArrayList<>();
            for (int i = 0; i < times; i++) {
                clients.add(threads.submit(client.apply(i)));
            }
            try {
                for (Future<String> answer : clients) {
                    answers.merge(answer.get(), 1, Integer::sum);
                }
            } finally {
                done.set(true);
            }
            assertThat(slowest.get()).isLessThan(SOON);
        } catch (ExecutionException e) {
            throw new AssertionError("The service says:\n" + service.log(), e);
        }
        service.awaitReady();
        neighboursGoOn();
        return answers;
    }

    private Duration slowestHealth(AtomicBoolean done) throws IOException {
        Duration slowest = Duration.ZERO;
        while (!done.get()) {
            for (String path : List.of("/q/health/live", "/q/health/ready")) {
                long began = System.nanoTime();
                String answer = exchange("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "");
                // Readiness may well say that the database is slow on a busy machine; that it answers is what counts
                // here
                assertThat(answer).startsWith(path.endsWith("live") ? "HTTP/1.1 200" : "HTTP/1.1 ");
                Duration took = Duration.ofNanos(System.nanoTime() - began);
                slowest = took.compareTo(slowest) > 0 ? took : slowest;
            }
        }
        return slowest;
    }

    /** Each has a run that began after now. */
    private void neighboursGoOn() throws IOException, SQLException {
        try (Connection connection = service.connect();
                Statement statement = connection.createStatement()) {
            String now;
            try (var row = statement.executeQuery("select clock_timestamp()::text")) {
                row.next();
                now = row.getString(1);
            }
            await().atMost(PATIENCE).until(() -> {
                try (var row = statement.executeQuery("""
                        select count(distinct r.job_id) from run r join job j on j.id = r.job_id
                        where j.name like 'neighbour-%%' and r.outcome = 'succeeded' and r.started_at > '%s'
                        """.formatted(now))) {
                    row.next();
                    return row.getInt(1) == NEIGHBOURS;
                }
            });
        }
    }

    /** Sends the beginning, then a byte now and then until there is an answer or none will come: its status. */
    private String trickled(String beginning) throws IOException {
        URI uri = service.uri();
        try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
            socket.setSoTimeout(500);
            OutputStream out = socket.getOutputStream();
            out.write(beginning.getBytes(StandardCharsets.US_ASCII));
            byte[] answer = new byte[12];
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (System.nanoTime() < end) {
                try {
                    int count = socket.getInputStream().readNBytes(answer, 0, answer.length);
                    return count < answer.length ? "closed" : new String(answer, 9, 3, StandardCharsets.US_ASCII);
                } catch (SocketTimeoutException e) {
                    out.write('x');
                }
            }
            return "still open";
        } catch (IOException e) {
            return "closed";
        }
    }

    /** The status of the answer, and whether it says when to try again. */
    private String answered(String method, String path, String body) throws IOException {
        String head =
                "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nIf-Match: *\r\nContent-Type: application/json\r\n"
                                .formatted(method, path)
                        + "Authorization: Bearer " + token + "\r\nContent-Length: "
                        + body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n";
        String answer = exchange(head, body);
        return answer.substring(9, 12)
                + (answer.toLowerCase(java.util.Locale.ROOT).contains("retry-after: ") ? " with Retry-After" : "");
    }

    /** The first bytes of the answer; all of it is read. */
    private String exchange(String head, String body) throws IOException {
        URI uri = service.uri();
        try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            try {
                socket.getOutputStream().write((head + body).getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // Answered before all of it was read
            }
            InputStream in = socket.getInputStream();
            String answer = new String(in.readNBytes(600), StandardCharsets.UTF_8);
            in.skip(Long.MAX_VALUE);
            return answer;
        }
    }

    private String create(String name, int interval) {
        return api().body(Map.of("name", name, "pollIntervalSeconds", interval, "script", "return 1"))
                .post("/api/v1/jobs")
                .then()
                .statusCode(201)
                .extract()
                .jsonPath()
                .getString("id");
    }

    private RequestSpecification api() {
        return service.request(token);
    }
}

package io.asyncjobs.run;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.idleJob;
import static io.asyncjobs.testsupport.Api.runNow;
import static io.asyncjobs.testsupport.Api.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.ForeignDatabase;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Scripts that reach outside: what they get, what is done with their run or undone with it, what a trial leaves undone. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class ConnectionCallsTest {

    private final List<String> asked = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private String http;
    private String sql;

    @BeforeEach
    void connect() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
        http = unique("clinical-api");
        api().body(Map.of(
                        "http",
                        Map.of(
                                "baseUrl",
                                "http://127.0.0.1:" + server.getAddress().getPort() + "/api",
                                "authentication",
                                Map.of("type", "bearer")),
                        "secret",
                        "s3cret-token"))
                .put("/connections/{name}", http)
                .then()
                .statusCode(201);
        ForeignDatabase foreign = ForeignDatabase.ofThisJvm();
        sql = unique("edc-db");
        api().body(Map.of("postgresql", foreign.section(), "secret", foreign.password()))
                .put("/connections/{name}", sql)
                .then()
                .statusCode(201);
        try (Connection connection = foreign.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("drop table if exists finding; create table finding (id int primary key, state text)");
            statement.execute("insert into finding values (1, 'open'), (2, 'open')");
        }
    }

    @AfterEach
    void disconnect() {
        server.stop(0);
    }

    @Test
    void script_reads_and_changes_over_http() {
        Map<String, Object> run = runNow(job("""
                const res = await http.get(params.http, '/queries?status=open');
                for (const q of res.json()) {
                  const closed = await http.post(params.http, `/queries/${q.id}/close`, { reason: 'stale' });
                  await audit.record({ action: 'close', entityType: 'query', entityId: String(q.id) });
                  if (!closed.ok) throw new Error('not closed');
                }
                const plain = await http.put(params.http, '/note', 'just text', { headers: { 'X-Note': 'yes' } });
                return [res.status, res.ok, res.headers['content-type'], plain.text(), plain.base64];
                """));

        assertThat(run).containsEntry("outcome", "succeeded");
        assertThat(run.get("result")).isEqualTo(List.of(200, true, "application/json", "echo just text", false));
        assertThat(asked)
                .containsExactly(
                        "GET /api/queries?status=open Bearer s3cret-token  ",
                        "POST /api/queries/7/close Bearer s3cret-token application/json {\"reason\":\"stale\"}",
                        "PUT /api/note Bearer s3cret-token text/plain;charset=UTF-8 just text");
        api().get("/runs/{run}", run.get("id"))
                .then()
                .body("effects.call", contains("http.post", "audit.record", "http.put"))
                .body("effects.target", contains(http + " /queries/7/close", "query 7", http + " /note"))
                .body("effects[0].value.reason", equalTo("stale"));
        assertThat(api().get("/runs/{run}", run.get("id")).asString()).doesNotContain("s3cret");
    }

    @Test
    void change_without_an_answer_is_not_noted_as_done() {
        Map<String, Object> run = runNow(
                job("await http.post(params.http, '/never', { reason: 'stale' });", Map.of("timeoutSeconds", 1)));

        assertThat(run).containsEntry("outcome", "timed_out");
        api().get("/runs/{run}", run.get("id"))
                .then()
                .body("effects.call", contains("http.post"))
                .body("effects[0].error", containsString("it is not known whether the call was carried out"));
    }

    @Test
    void failures_of_calls_are_errors_of_the_script_at_its_own_line() {
        Map<String, Object> run = runNow(job("""
                try { await http.get('nowhere', '/'); } catch (e) { log.info(e.message); }
                try { await http.get(params.http, 'http://127.0.0.1/'); } catch (e) { log.info(e.message); }
                await http.get(params.http, '/../../etc');
                """));

        assertThat(run).containsEntry("outcome", "failed");
        assertThat(error(run)).containsEntry("line", 3);
        String log = api().get("/runs/{run}/log", run.get("id")).asString();
        assertThat(log).contains("nowhere").doesNotContain("Exception").doesNotContain("io.asyncjobs");
    }

    @Test
    void statements_are_committed_with_a_successful_run() throws Exception {
        Map<String, Object> run = runNow(job("""
                const open = await sql.query(params.sql, 'select id, state from finding where state = $1 order by id', ['open']);
                const done = await sql.execute(params.sql, "update finding set state = 'done' where id = $1", [open[0].id]);
                return [open, done.changed];
                """));

        assertThat(run).containsEntry("outcome", "succeeded");
        assertThat(run.get("result"))
                .isEqualTo(List.of(List.of(Map.of("id", 1, "state", "open"), Map.of("id", 2, "state", "open")), 1));
        assertThat(states()).containsExactly("done", "open");
        api().get("/runs/{run}", run.get("id"))
                .then()
                .body("effects.call", contains("sql.execute"))
                .body("effects[0].value.params", contains(1));
    }

    @Test
    void statements_of_a_run_that_fails_are_rolled_back() throws Exception {
        Map<String, Object> run = runNow(job("""
                await sql.execute(params.sql, "update finding set state = 'lost'");
                throw new Error('after all');
                """));
        Map<String, Object> committed = runNow(job("""
                await sql.execute(params.sql, "update finding set state = 'kept' where id = 1");
                await sql.commit(params.sql);
                await sql.execute(params.sql, "update finding set state = 'lost' where id = 2");
                throw new Error('after all');
                """));

        assertThat(List.of(run, committed)).allSatisfy(one -> assertThat(one).containsEntry("outcome", "failed"));
        assertThat(states()).containsExactly("kept", "open");
    }

    @Test
    void statement_that_outlives_the_deadline_ends_with_its_run() throws Exception {
        Map<String, Object> run =
                runNow(job("await sql.execute(params.sql, 'select pg_sleep(600)')", Map.of("timeoutSeconds", 1)));

        assertThat(run).containsEntry("outcome", "timed_out");
        assertThat(((Number) Objects.requireNonNull(run.get("durationMillis"))).longValue())
                .isBetween(1_000L, 2_000L);
        org.awaitility.Awaitility.await().until(() -> {
            try (Connection connection = ForeignDatabase.ofThisJvm().connect();
                    Statement statement = connection.createStatement();
                    ResultSet sleeping = statement.executeQuery(
                            "select count(*) from pg_stat_activity where query like '%pg_sleep(600)%' and pid <> pg_backend_pid()")) {
                return sleeping.next() && sleeping.getInt(1) == 0;
            }
        });
    }

    @Test
    void trial_reads_and_leaves_everything_as_it_was() throws Exception {
        String job = job("""
                const open = await sql.query(params.sql, 'select count(*)::int as n from finding');
                const queries = (await http.get(params.http, '/queries')).json();
                const closed = await http.post(params.http, '/queries/7/close', { reason: 'trial' });
                const done = await sql.execute(params.sql, "delete from finding where id > $1", [0]);
                await state.set('n', open[0].n);
                await audit.record({ action: 'close', entityType: 'query', entityId: '7' });
                return [open[0].n, queries.length, closed.status, closed.json(), done.changed];
                """);

        api().body(Map.of("job", job))
                .post("/trials")
                .then()
                .statusCode(200)
                .body("outcome", equalTo("succeeded"))
                .body("result", equalTo(java.util.Arrays.asList(2, 1, 202, null, 0)))
                .body("effects.call", contains("http.post", "sql.execute", "audit.record", "state.set"));

        assertThat(asked).hasSize(1).allMatch(request -> request.startsWith("GET "));
        assertThat(states()).containsExactly("open", "open");
        api().get("/jobs/{job}/state", job).then().body("total", equalTo(0));
    }

    private String job(String script) {
        return job(script, Map.of());
    }

    private String job(String script, Map<String, Object> more) {
        Map<String, Object> fields = new java.util.HashMap<>(more);
        fields.put("parameters", Map.of("http", http, "sql", sql));
        return idleJob(script, fields).getString("id");
    }

    private static List<String> states() throws Exception {
        List<String> states = new java.util.ArrayList<>();
        try (Connection connection = ForeignDatabase.ofThisJvm().connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select state from finding order by id")) {
            while (rows.next()) {
                states.add(rows.getString(1));
            }
        }
        return states;
    }

    @SuppressWarnings("unchecked") // a JSON object
    private static Map<String, Object> error(Map<String, Object> run) {
        return (Map<String, Object>) Objects.requireNonNull(run.get("error"));
    }

    private void answer(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String type = exchange.getRequestHeaders().getFirst("Content-Type");
        asked.add("%s %s %s %s %s"
                .formatted(
                        exchange.getRequestMethod(),
                        exchange.getRequestURI(),
                        exchange.getRequestHeaders().getFirst("Authorization"),
                        type == null ? "" : type,
                        body));
        if (exchange.getRequestURI().getPath().endsWith("/never")) {
            return;
        }
        boolean echo = exchange.getRequestMethod().equals("PUT");
        byte[] answer = (echo ? "echo " + body : "[{\"id\":7}]").getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", echo ? "text/plain" : "application/json");
        exchange.sendResponseHeaders(200, answer.length);
        exchange.getResponseBody().write(answer);
        exchange.close();
    }
}

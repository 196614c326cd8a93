package io.asyncjobs.run;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.idleJob;
import static io.asyncjobs.testsupport.Api.runNow;
import static io.asyncjobs.testsupport.Api.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.MAP;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.ForeignDatabase;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What scripts can ask of a call beside the plain one: bodies of fields and parts, options, many rows, kept progress. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class CallOptionsTest {

    /** A request as the server got it. */
    private record Got(String method, String uri, Map<String, String> headers, byte[] body) {

        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    private final BlockingQueue<Got> got = new LinkedBlockingQueue<>();
    private final CountDownLatch answers = new CountDownLatch(1);
    private HttpServer server;
    private String http;
    private String sql;

    @BeforeEach
    void connect() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.createContext("/api/slow", this::answerLate);
        server.start();
        http = save("w", Map.of("http", Map.of("baseUrl", base())));
        ForeignDatabase foreign = ForeignDatabase.ofThisJvm();
        sql = save("t", Map.of("postgresql", foreign.section(), "secret", foreign.password()));
        execute("drop table if exists visit;"
                + " create table visit (id int constraint visit_key primary key, subject text not null, tags text[])");
    }

    @AfterEach
    void disconnect() {
        answers.countDown();
        server.stop(0);
    }

    private String base() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/api";
    }

    // ---- HTTP ----

    @Test
    void form_is_sent_as_a_form() throws Exception {
        run("await http.post(params.http, '/f', http.form({ site: 'Århus & co', n: 1, tag: ['a', 'b'], on: true }))");

        Got request = request();
        assertThat(request.headers()).containsEntry("content-type", "application/x-www-form-urlencoded");
        assertThat(request.text()).isEqualTo("site=%C3%85rhus%20%26%20co&n=1&tag=a&tag=b&on=true");
    }

    @Test
    void multipart_carries_text_and_bytes() throws Exception {
        Map<String, Object> run = run("""
                const pdf = new Uint8Array([0x25, 0x50, 0x44, 0x46, 0x00, 0xff]);
                await http.post(params.http, '/m', http.multipart([
                  { name: 'meta', value: '{"a":"ä"}', type: 'application/json' },
                  { name: 'file"', value: pdf, filename: 'report.pdf', type: 'application/pdf' },
                ]));""");

        Got request = request();
        String type = request.headers().getOrDefault("content-type", "");
        assertThat(type).startsWith("multipart/form-data; boundary=");
        String boundary = "--" + type.substring(type.indexOf('=') + 1);
        String body = new String(request.body(), StandardCharsets.ISO_8859_1);
        String meta = new String("{\"a\":\"ä\"}".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        assertThat(body)
                .isEqualTo(boundary + "\r\nContent-Disposition: form-data; name=\"meta\"\r\n"
                        + "Content-Type: application/json\r\n\r\n" + meta + "\r\n" + boundary
                        + "\r\nContent-Disposition: form-data; name=\"file%22\"; filename=\"report.pdf\"\r\n"
                        + "Content-Type: application/pdf\r\n\r\n%PDF\0\u00ff\r\n" + boundary + "--\r\n");
        assertThat(effects(run).getFirst().get("value"))
                .isEqualTo(Map.of("meta", "{\"a\":\"ä\"}", "file\"", "report.pdf, application/pdf, 6 bytes"));
    }

    @Test
    void gzip_packs_the_body() throws Exception {
        run("await http.put(params.http, '/z', { text: 'x'.repeat(10000) }, { gzip: true })");

        Got request = request();
        assertThat(request.headers())
                .containsEntry("content-encoding", "gzip")
                .containsEntry("content-type", "application/json");
        assertThat(request.body()).hasSizeLessThan(200);
        try (GZIPInputStream packed = new GZIPInputStream(new ByteArrayInputStream(request.body()))) {
            assertThat(new String(packed.readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("{\"text\":\"" + "x".repeat(10_000) + "\"}");
        }
    }

    @Test
    void call_has_a_time_of_its_own() {
        assertThat(result("""
                try {
                  await http.get(params.http, '/slow', { timeout: 150 });
                } catch (e) {
                  return [e.code, e.message];
                }""")).isEqualTo(List.of("timeout", "http: " + http + " did not answer within 150 ms"));
    }

    @Test
    void link_to_a_next_page_is_followed_below_the_base_url_only() throws Exception {
        assertThat(result("const res = await http.get(params.http, '" + base()
                        + "/next?page=2#top'); return res.status;"))
                .isEqualTo(200);
        assertThat(request().uri()).isEqualTo("/api/next?page=2");

        for (String elsewhere : List.of(
                base().replace("/api", "/other"),
                base().replace("127.0.0.1", "localhost") + "/next",
                base().replace("http:", "https:") + "/next",
                base() + "/../other",
                base().replace("http://", "http://user@") + "/next")) {
            assertThat(result("try { await http.get(params.http, '" + elsewhere
                            + "'); return 'called'; } catch (e) { return e.code; }"))
                    .as(elsewhere)
                    .isEqualTo("not_called");
        }
        assertThat(got).isEmpty();
    }

    @Test
    void post_that_only_reads_is_carried_out_in_a_trial_and_stays_on_record() throws Exception {
        Map<String, Object> trial = trial("""
                const found = await http.post(params.http, '/_search', http.form({ status: 'open' }), { read: true });
                const not = await http.post(params.http, '/close', {});
                return [found.status, found.json(), not.status];""");

        assertThat(trial.get("result")).isEqualTo(List.of(200, Map.of("ok", true), 202));
        assertThat(request().uri()).isEqualTo("/api/_search");
        assertThat(got).isEmpty();
        assertThat(effects(trial)).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "http.get(params.http, '/x', { gzip: true })                  | http.get has no option \"gzip\"; it has: headers, timeout",
                "http.put(params.http, '/x', {}, { read: true })              | http.put has no option \"read\"",
                "http.post(params.http, '/x', {}, { timeout: 0.5 })           | The option timeout of http.post must be a whole number of milliseconds, from 1 to 300000",
                "http.post(params.http, '/x', {}, { gzip: 1 })                | The option gzip of http.post must be true or false",
                "http.post(params.http, '/x', http.form({ a: {} }))           | The field a must be a string, a number or a boolean, not object",
                "http.post(params.http, '/x', http.form('a=1'))               | http.form takes an object",
                "http.post(params.http, '/x', http.multipart([]))             | http.multipart takes an array of parts",
                "http.post(params.http, '/x', http.multipart([{ name: 'a', value: 1 }])) | The value of part 1 must be a string or bytes",
                "http.post(params.http, '/x', http.multipart([{ name: 'a', value: '', type: 'a\\nb' }])) | part 1: the type must hold printable ASCII only",
                "http.post(params.http, '/x', http.multipart([{ name: 'a', value: '' }]), { headers: { 'Content-Type': 'text/plain' } }) | a multipart body sets its own content-type",
                "sql.batch(params.sql, 'insert into visit values ($1)', 1)    | sql.batch takes an array of rows",
                "sql.batch(params.sql, 'insert into visit values ($1)', [[1], [1, 2]]) | Row 2 has 2 parameters, but row 1 has 1",
                "sql.batch(params.sql, 'insert into visit values ($1)', [[1], [NaN]]) | row 2, parameter 1 is NaN",
                "sql.query(params.sql, 'select 1', [], { stream: 'yes' })     | The option stream of sql.query must be true or false",
                "sql.query(params.sql, 'show all', [], { stream: true }).next() | the rows of SELECT, WITH, VALUES and TABLE",
                "sql.query(params.sql, 'delete from visit', [], { stream: true }).next() | sql.query takes statements that read",
                "sql.query(params.sql, 'select $1::int', [1n], { stream: true, all: 1 }).next() | sql.query has no option \"all\"",
                "sql.batch(params.sql, 'select $1::int', [[1]])               | sql.batch takes INSERT, UPDATE, DELETE and MERGE",
            })
    void wrong_option_is_refused(String call, String words) {
        Map<String, Object> run = runNow(job("await " + call));

        assertThat(run).containsEntry("outcome", "failed");
        assertThat(message(run)).contains(words);
        assertThat(got).isEmpty();
    }

    // ---- SQL ----

    @Test
    void batch_writes_thousands_of_rows_at_once() throws SQLException {
        assertThat(result("""
                const rows = Array.from({ length: 5000 }, (_, i) => [i, 'S-' + i, i % 2 ? ['odd'] : null]);
                const first = await sql.batch(params.sql, 'insert into visit values ($1, $2, $3)', rows);
                const again = await sql.batch(params.sql,
                  'insert into visit values ($1, $2) on conflict (id) do update set subject = excluded.subject',
                  [[0, 'new'], [5000, 'more']]);
                const none = await sql.batch(params.sql, 'insert into visit values ($1)', []);
                return [first.changed, again.changed, none.changed];""")).isEqualTo(List.of(5000, 2, 0));
        assertThat(one("select count(*) || ' ' || count(tags) || ' ' || (select subject from visit where id = 0)"
                        + " || ' ' || (select tags[1] from visit where id = 4999) from visit"))
                .isEqualTo("5001 2500 new odd");
    }

    @Test
    void failed_row_of_a_batch_is_named_and_undoes_the_batch_alone() throws SQLException {
        assertThat(result("""
                await sql.execute(params.sql, "insert into visit values (2, 'kept')");
                try {
                  await sql.batch(params.sql, 'insert into visit values ($1, $2)', [[1, 'a'], [2, 'b'], [3, 'c']]);
                } catch (e) {
                  return [e.code, e.sqlState, e.constraint, e.table, e.row, e.message.endsWith('in row 2')];
                }""")).isEqualTo(List.of("statement_failed", "23505", "visit_key", "visit", 2, true));
        assertThat(one("select string_agg(subject, ',') from visit")).isEqualTo("kept");
    }

    @Test
    void error_of_a_statement_names_table_and_column() {
        assertThat(result("""
                try {
                  await sql.execute(params.sql, 'insert into visit (id) values (1)');
                } catch (e) {
                  return [e.sqlState, e.table, e.column];
                }""")).isEqualTo(List.of("23502", "visit", "subject"));
    }

    @Test
    void rows_of_a_large_result_are_read_one_after_the_other() {
        // Twice as much as an answer may hold
        assertThat(result("""
                let count = 0, last = 0, changed = 0;
                for await (const row of sql.query(params.sql,
                    "select i, repeat('x', 8000) as text from generate_series(1, $1::int) i order by i", [4000], { stream: true })) {
                  if (row.i !== last + 1 || row.text.length !== 8000) throw new Error('row ' + row.i);
                  last = row.i;
                  if (++count % 1000 === 0) {
                    changed += (await sql.execute(params.sql, 'insert into visit values ($1, $2)', [row.i, 'S'])).changed;
                  }
                }
                return [count, changed];""")).isEqualTo(List.of(4000, 4));
    }

    @Test
    void stream_that_is_left_is_closed_and_one_that_fails_names_the_query() {
        assertThat(result("""
                for (let i = 0; i < 30; i++) {
                  for await (const row of sql.query(params.sql, 'select i from generate_series(1, 100000) i', [], { stream: true })) {
                    if (row.i === 40) break;
                  }
                }
                const none = [];
                for await (const row of sql.query(params.sql, 'select 1 where false', null, { stream: true })) none.push(row);
                const big = [];
                for await (const row of sql.query(params.sql, "select '[9007199254740993]'::jsonb as j", [], { stream: true, bigNumbers: 'text' })) big.push(row.j[0]);
                const seen = [];
                try {
                  for await (const { q } of sql.query(params.sql, 'select 1 / (50 - i) as q from generate_series(1, 100) i', [], { stream: true })) seen.push(q);
                } catch (e) {
                  seen.splice(0, seen.length, e.code, e.sqlState);
                }
                const after = await sql.query(params.sql, 'select 7 as n');
                return [none.length, big[0], ...seen, after[0].n];""")).isEqualTo(List.of(0, "9007199254740993", "statement_failed", "22012", 7));
    }

    @Test
    void stream_ends_with_a_commit_and_its_error_names_the_line_of_the_query() {
        Map<String, Object> run = runNow(job("""
                log.info('first');
                for await (const row of sql.query(params.sql, 'select i from generate_series(1, 5000) i', [], { stream: true })) {
                  await sql.commit(params.sql);
                }"""));
        assertThat(run).containsEntry("outcome", "failed");
        assertThat(message(run)).contains("the rows of a query ended with sql.commit");
        assertThat(run.get("error")).asInstanceOf(MAP).containsEntry("line", 2);
    }

    @Test
    void trial_of_a_batch_plans_it_and_writes_nothing() throws SQLException {
        Map<String, Object> trial =
                trial("return sql.batch(params.sql, 'insert into visit values ($1, $2)', [[1, 'a']]);");
        assertThat(trial).as("%s", trial).containsEntry("result", Map.of("changed", 0));
        assertThat(effects(trial).getFirst()).containsEntry("call", "sql.batch");
        assertThat(one("select count(*) from visit")).isEqualTo("0");

        Map<String, Object> wrong = trial("return sql.batch(params.sql, 'insert into nowhere values ($1)', [[1]]);");
        assertThat(message(wrong)).contains("nowhere");
    }

    // ---- Progress that is kept ----

    @Test
    void committed_rows_and_cursor_stay_when_the_run_fails_later() throws SQLException {
        String job = job("""
                for (let i = (await state.get('cursor')) ?? 1; i <= 4; i++) {
                  await sql.execute(params.sql, 'insert into visit values ($1, $2)', [i, 'run ' + run.trigger]);
                  await sql.commit(params.sql);
                  await state.set('cursor', i + 1);
                  await state.commit();
                  await state.set('later', i);
                  if (i === 2) throw new Error('in the middle');
                }""");

        Map<String, Object> failed = runNow(job);
        assertThat(failed).containsEntry("outcome", "failed");
        assertThat(state(job)).isEqualTo(Map.of("cursor", 3, "later", 1));
        assertThat(effects(failed).stream().filter(effect -> "state.set".equals(effect.get("call"))))
                .extracting(effect -> effect.get("target") + "=" + effect.get("value"))
                .containsExactly("cursor=2", "later=1", "cursor=3");

        assertThat(runNow(job)).containsEntry("outcome", "succeeded");
        assertThat(state(job)).isEqualTo(Map.of("cursor", 5, "later", 4));
        assertThat(one("select string_agg(id::text, ',' order by id) from visit"))
                .isEqualTo("1,2,3,4");
    }

    @Test
    void trial_commits_no_state() {
        Map<String, Object> trial = trial("await state.set('a', 1); await state.commit(); return state.get('a');");

        assertThat(trial).containsEntry("result", 1);
        assertThat(effects(trial)).extracting(effect -> effect.get("target")).containsExactly("a");
    }

    // ---- Helpers ----

    private Map<String, Object> run(String script) {
        Map<String, Object> run = runNow(job(script));
        assertThat(run).as("%s", run).containsEntry("outcome", "succeeded");
        return run;
    }

    private @Nullable Object result(String script) {
        return run(script).get("result");
    }

    private Map<String, Object> trial(String script) {
        return api().body(Map.of("script", script, "parameters", Map.of("http", http, "sql", sql)))
                .post("/trials")
                .jsonPath()
                .get();
    }

    private String job(String script) {
        return idleJob(script, Map.of("parameters", Map.of("http", http, "sql", sql)))
                .getString("id");
    }

    private static Map<String, Object> state(String job) {
        Map<String, Object> values = new HashMap<>();
        for (Map<String, Object> entry :
                api().get("/jobs/{job}/state", job).jsonPath().<Map<String, Object>>getList("items")) {
            values.put(String.valueOf(entry.get("key")), entry.get("value"));
        }
        return values;
    }

    @SuppressWarnings("unchecked") // a JSON array of objects
    private static List<Map<String, Object>> effects(Map<String, Object> run) {
        return (List<Map<String, Object>>) Objects.requireNonNull(run.get("effects"));
    }

    @SuppressWarnings("unchecked") // a JSON object
    private static String message(Map<String, Object> run) {
        return String.valueOf(
                ((Map<String, Object>) Objects.requireNonNull(run.get("error"), "It did not fail")).get("message"));
    }

    private static String save(String name, Map<String, Object> draft) {
        String unique = unique(name);
        api().body(draft).put("/connections/{name}", unique).then().statusCode(201);
        return unique;
    }

    private Got request() throws InterruptedException {
        return Objects.requireNonNull(got.poll(10, TimeUnit.SECONDS), "No request came");
    }

    private void answer(HttpExchange exchange) throws IOException {
        Map<String, String> headers = new HashMap<>();
        exchange.getRequestHeaders()
                .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values.getFirst()));
        got.add(new Got(
                exchange.getRequestMethod(),
                exchange.getRequestURI().toString(),
                headers,
                exchange.getRequestBody().readAllBytes()));
        byte[] body = "{\"ok\":true}".getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private void answerLate(HttpExchange exchange) throws IOException {
        try {
            answers.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        exchange.close();
    }

    private static void execute(String statements) throws Exception {
        try (Connection connection = ForeignDatabase.ofThisJvm().connect();
                Statement statement = connection.createStatement()) {
            statement.execute(statements);
        }
    }

    private static @Nullable String one(String query) throws SQLException {
        try (Connection connection = ForeignDatabase.ofThisJvm().connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            assertThat(row.next()).isTrue();
            return row.getString(1);
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}

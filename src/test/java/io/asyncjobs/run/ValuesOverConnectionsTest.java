package io.asyncjobs.run;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.idleJob;
import static io.asyncjobs.testsupport.Api.runNow;
import static io.asyncjobs.testsupport.Api.unique;
import static org.assertj.core.api.Assertions.assertThat;

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
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values on their way over connections: they arrive exactly, or the call throws and names what it was; secrets stay. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class ValuesOverConnectionsTest {

    private static final String SECRET = "s3cr3t \"pä/ss+";
    private static final String TOKEN = "fetched-token-4711";

    private HttpServer server;
    private String url;
    private String http;
    private String sql;

    @BeforeEach
    void connect() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/answer", ValuesOverConnectionsTest::answer);
        server.createContext("/echo", ValuesOverConnectionsTest::echo);
        server.start();
        url = "http://127.0.0.1:" + server.getAddress().getPort();
        http = save("w", Map.of("http", Map.of("baseUrl", url)));
        ForeignDatabase foreign = ForeignDatabase.ofThisJvm();
        sql = save("t", Map.of("postgresql", foreign.section(), "secret", foreign.password()));
        execute("drop table if exists d; create table d (id numeric, dose float8, note text, detail jsonb)");
    }

    @AfterEach
    void disconnect() {
        server.stop(0);
    }

    // ---- Answers of HTTP ----

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // type, bytes, expression of res, result as JSON
                "application/json          | efbbbf7b2261223a317d       | res.json().a                         | 1",
                "application/json          | efbbbf7b2261223a317d       | res.text()                           | \"{\\\"a\\\":1}\"",
                "application/octet-stream  | 7b2261223a317d             | res.json().a                         | 1",
                "application/octet-stream  | fffe7b007d00               | typeof res.json()                    | \"object\"",
                "application/octet-stream  | 7b2261223a317d             | [res.base64, res.text()]             | [true, \"eyJhIjoxfQ==\"]",
                "text/html                 | 7b2261223a317d             | res.json().a                         | 1",
                "text/plain;charset=utf-16le | fffe53007800             | res.text()                           | \"Sx\"",
                "text/plain                | 53f672656e                 | res.text('windows-1252')             | \"Sören\"",
                "application/octet-stream  | 53f672656e                 | res.text('iso-8859-1')               | \"Sören\"",
                "text/plain                | 53c3b672656e               | res.text()                           | \"Sören\"",
                "text/plain                | 53c3b672656e               | [...res.bytes()].length              | 6",
                "text/plain                | efbbbf53                   | [...res.bytes()]                     | [239, 187, 191, 83]",
                "image/png                 | 89504e47                   | [...res.bytes()]                     | [137, 80, 78, 71]",
                "text/plain;charset=latin1 | 53f6                       | [res.text(), ...res.bytes()]         | [\"Sö\", 83, 246]",
                "application/json          | 7b226964223a393030373139393235343734303939337d | res.json({ bigNumbers: 'text' }).id | \"9007199254740993\"",
                "application/json          | 7b226964223a393030373139393235343734303939317d | res.json().id | 9007199254740991",
            })
    void answer_is_read_as_what_it_is(String type, String hex, String expression, String expected) {
        Map<String, Object> trial = trial("const res = " + get(type, hex) + "; return " + expression + ";");

        assertThat(trial).as("%s", trial).containsEntry("outcome", "succeeded");
        assertThat(trial.get("result"))
                .isEqualTo(io.restassured.path.json.JsonPath.from("{\"v\":" + expected + "}")
                        .get("v"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "text/html        | 3c21444f43545950452068746d6c3e | res.json() | with status 200, text/html: the body is not JSON ~ it begins with: <!DOCTYPE html>",
                "application/json | 7b2261                   | res.json()       | with status 200, application/json: the body is not JSON ~ it begins with: {\"a",
                "application/json | ``                       | res.json()       | with status 200, application/json and no body, so there is no JSON",
                "image/png        | 89504e47                 | res.json()       | the body is not JSON; it begins with the bytes 89 50 4e 47",
                "text/plain       | 53f672656e               | res.text()       | the text is not known, because the answer names no charset ~ text('windows-1252')",
                "text/plain       | 53f672656e               | res.text('utf-8')| the bytes are not utf-8",
                "text/plain       | 53f672656e               | res.text('klingon') | there is no charset \"klingon\" here",
                "application/json | 7b226964223a5b312c393030373139393235343734303939335d7d | res.json() | $.id[1] ~ json({ bigNumbers: 'text' })",
                "application/json | 7b7d                     | res.json({ big: 1 }) | json has no option \"big\"; it has: bigNumbers",
            })
    void answer_that_is_not_what_was_asked_for_says_what_it_is(
            String type, String hex, String expression, String words) {
        Map<String, Object> trial = trial("const res = " + get(type, hex) + ";\nreturn " + expression + ";");

        assertThat(trial).as("%s", trial).containsEntry("outcome", "failed");
        assertThat(message(trial)).contains(words.split(" ~ "));
        assertThat(error(trial)).containsEntry("line", 2);
    }

    @Test
    void answer_without_content_says_connection_path_and_status() {
        Map<String, Object> trial =
                trial("const res = await http.get(params.http, '/answer?status=204');\nres.json();");

        assertThat(message(trial))
                .contains("http: " + http + " answered GET /answer?status=204 with status 204 and no body");
        assertThat(result("""
                const res = await http.get(params.http, '/answer?status=204');
                try { res.json(); } catch (e) { return [e.name, e.code, e.status]; }""")).isEqualTo(List.of("SyntaxError", "not_json", 204));
    }

    // ---- Requests over HTTP ----

    @Test
    void body_of_bytes_is_sent_as_bytes() {
        assertThat(runResult("""
                const sent = [new Uint8Array([37, 80, 255, 0]), new Uint8Array([1, 2, 3, 4]).subarray(1, 3), new Uint8Array([7]).buffer,
                  new DataView(new Uint8Array([8, 9]).buffer, 1), new Uint16Array([0x4142])];
                const got = [];
                for (const body of sent) {
                  const echo = (await http.post(params.http, '/echo', body)).json();
                  got.push(echo.body + ' ' + echo.headers['content-type']);
                }
                const typed = await http.post(params.http, '/echo', new Uint8Array([37]), { headers: { 'Content-Type': 'application/pdf' } });
                got.push(typed.json().headers['content-type']);
                return got;"""))
                .isEqualTo(List.of(
                        "2550ff00 application/octet-stream",
                        "0203 application/octet-stream",
                        "07 application/octet-stream",
                        "09 application/octet-stream",
                        "4241 application/octet-stream",
                        "application/pdf"));
    }

    @Test
    void large_body_of_bytes_arrives_whole() {
        assertThat(runResult("""
                const bytes = new Uint8Array(300000);
                for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 31) & 255;
                const back = (await http.post(params.http, '/echo?raw=1', bytes)).bytes();
                return back.length === bytes.length && back.every((byte, i) => byte === bytes[i]);""")).isEqualTo(true);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "http.get(params.http, '/x', { timeout: 5, query: {} }) | http.get has no option \"query\"; it has: headers, timeout",
                "http.get(params.http, '/x', 'text')                   | The options of http.get must be an object",
                "http.get(params.http, '/x', { headers: {} }, { headers: {} }) | http.get sends no body",
                "http.post(params.http, '/x', {}, { retries: 1 })      | http.post has no option \"retries\"; it has: headers",
                "http.get(params.http, '/x', { headers: { 'X-A': 1 } })| The header X-A must be a string, not number",
                "http.get(params.http, '/x', { headers: { 'X-A': undefined } })| The header X-A must be a string, not undefined",
                "http.post(params.http, '/x', 'a\\ud800b')             | The body holds half a surrogate pair",
                "sql.query(params.sql, 'select 1', [], { timeout: 5 }) | sql.query has no option \"timeout\"; it has: bigNumbers",
                "sql.execute(params.sql, 'select 1', [], { x: 5 })     | sql.execute has no option \"x\"; it has: bigNumbers",
                "sql.query(params.sql, 'select 1', [], { bigNumbers: true }) | The option bigNumbers of sql.query can be 'text' only",
                "sql.query(params.sql, 'select 1', { bigNumbers: 'text' }) | The parameters must be an array",
                "sql.commit(params.sql, { x: 1 })                      | sql.commit takes no options",
                "sql.query(params.sql, 'select $1', [NaN])             | parameter 1 is NaN",
                "sql.execute(params.sql, 'insert into d values ($1,$2)', [1, -Infinity]) | parameter 2 is -Infinity",
                "sql.execute(params.sql, 'insert into d values ($1,$2)', [1, undefined]) | parameter 2 is undefined; null is SQL's null",
                "sql.query(params.sql, 'select $1', [new Date(NaN)])   | parameter 1",
                "sql.query(params.sql, 'select $1', [() => 1])         | parameter 1",
                "sql.query(params.sql, 'select $1', [Symbol('x')])     | parameter 1",
                "sql.query(params.sql, 'select $1', ['a\\ud800b'])     | parameter 1 holds half a surrogate pair",
                "sql.query(params.sql, 'select 1 = any($1)', [[1, 2, 3, NaN]])  | parameter 1[3] is NaN",
                "sql.query(params.sql, 'select 1 = any($1)', [[1, , 3]])        | parameter 1[1] is undefined",
                "sql.query(params.sql, 'select 1 = any($1)', [['\\ud800']])     | parameter 1[0] holds half a surrogate pair",
                "sql.query(params.sql, 'select $1', ['a\\0b'])         | parameter 1 must not hold NUL",
            })
    void argument_that_would_be_changed_or_ignored_is_refused(String call, String words) throws SQLException {
        Map<String, Object> run = runNow(job("\nawait " + call));

        assertThat(run).containsEntry("outcome", "failed");
        assertThat(message(run)).contains(words);
        assertThat(error(run)).containsEntry("line", 2);
        assertThat(rows("select count(*) from d")).containsExactly("0");
    }

    // ---- SQL ----

    @Test
    void big_integers_are_parameters_exactly() throws SQLException {
        assertThat(runResult("""
                await sql.execute(params.sql, 'insert into d (id) values ($1)', [123456789012345678901234567890n]);
                await sql.execute(params.sql, 'insert into d (id, detail) values ($1, $2)', [1n, [9007199254740993n]]);
                return (await sql.query(params.sql, 'select count(*)::int as n from d where id = any($1)', [[1n, 123456789012345678901234567890n]]))[0].n;""")).isEqualTo(2);
        assertThat(rows("select id, detail from d order by id"))
                .containsExactly("1 [9007199254740993]", "123456789012345678901234567890 null");
    }

    @Test
    void watermark_skips_no_row() {
        assertThat(result("""
                const rows = await sql.query(params.sql, "select t from (values ('2026-01-01 00:00:00Z'::timestamptz), " +
                  "('2026-01-01 00:00:00.5Z'), ('2026-01-01 00:00:00.500001Z'), ('2026-01-01 00:00:01Z')) v (t) order by t");
                const texts = rows.map(row => row.t);
                return [texts, [...texts].sort().join() === texts.join()];"""))
                .isEqualTo(List.of(
                        List.of(
                                "2026-01-01T00:00:00.000000Z",
                                "2026-01-01T00:00:00.500000Z",
                                "2026-01-01T00:00:00.500001Z",
                                "2026-01-01T00:00:01.000000Z"),
                        true));
    }

    @Test
    void integer_in_json_is_refused_or_text() {
        Map<String, Object> trial = trial(
                "return await sql.query(params.sql, \"select json_build_object('id', 9007199254740993::bigint) b\");");
        assertThat(message(trial)).contains("$[0].b.id is 9007199254740993").contains("{ bigNumbers: 'text' }");

        assertThat(result("""
                const [row] = await sql.query(params.sql, "select json_build_object('id', 9007199254740993::bigint, 'd', 0.1234567890123456789) b",
                  [], { bigNumbers: 'text' });
                return row.b;""")).isEqualTo(Map.of("id", "9007199254740993", "d", "0.1234567890123456789"));
    }

    @Test
    void caught_failure_of_a_statement_undoes_that_statement_alone() throws SQLException {
        Map<String, Object> run = runNow(job("""
                await sql.execute(params.sql, 'insert into d (id) values (1)');
                let caught;
                try {
                  await sql.execute(params.sql, 'insert into nowhere values (1)');
                } catch (e) {
                  caught = [e.code, e.sqlState, Object.keys(e)];
                }
                await sql.execute(params.sql, 'insert into d (id) values (2)');
                return caught;"""));

        assertThat(run).containsEntry("outcome", "succeeded");
        assertThat(run.get("result")).isEqualTo(List.of("statement_failed", "42P01", List.of("code", "sqlState")));
        assertThat(rows("select id from d order by id")).containsExactly("1", "2");
        Map<String, Object> shown =
                api().get("/runs/{run}", run.get("id")).jsonPath().get();
        List<Map<String, Object>> effects = list(shown.get("effects"));
        assertThat(effects).hasSize(3);
        assertThat(effects.get(0)).doesNotContainKey("error");
        assertThat(effects.get(1).get("error")).asString().contains("42P01");
        List<Map<String, Object>> audited = list(api().queryParam("entity", sql)
                .queryParam("entityType", "connection")
                .get("/audit")
                .jsonPath()
                .get("items.findAll { it.action == 'sql.execute' }.after"));
        assertThat(audited)
                .hasSize(3)
                .filteredOn(after -> Boolean.FALSE.equals(after.get("committed")))
                .singleElement()
                .satisfies(after -> assertThat(after.get("error")).asString().contains("42P01"));
    }

    @Test
    void trial_finds_a_statement_that_would_fail() throws SQLException {
        Map<String, Object> trial = trial("\nawait sql.execute(params.sql, 'insert into nowhere values (1)');");

        assertThat(trial).containsEntry("outcome", "failed");
        assertThat(message(trial)).contains("(42P01)");
        assertThat(error(trial)).containsEntry("line", 2);
        assertThat(result("return await sql.execute(params.sql, 'insert into d values ($1, $2)', [1, 2.5]);"))
                .isEqualTo(Map.of("rows", List.of(), "rowCount", 0, "changed", 0));
        assertThat(rows("select count(*) from d")).containsExactly("0");
    }

    // ---- Errors ----

    @Test
    void errors_carry_what_a_script_can_branch_on() {
        assertThat(result("""
                const codes = [];
                for (const call of [
                  () => http.get('nowhere', '/'),
                  () => sql.query('nowhere', 'select 1'),
                  () => http.get(params.http, '/../x'),
                  () => http.get(params.http, '/answer?status=302&location=' + encodeURIComponent('http://elsewhere.invalid/')),
                  () => sql.query(params.sql, 'delete from d'),
                  () => sql.query(params.sql, 'select 1 / 0'),
                  () => http.get(params.sql, '/'),
                ]) {
                  try { await call(); codes.push('none'); } catch (e) { codes.push([e.code, e.status ?? null, e.sqlState ?? null]); }
                }
                return codes;"""))
                .isEqualTo(List.of(
                        Arrays.asList("no_connection", null, null),
                        Arrays.asList("no_connection", null, null),
                        Arrays.asList("not_called", null, null),
                        Arrays.asList("redirect", 302, null),
                        Arrays.asList("refused", null, null),
                        Arrays.asList("statement_failed", null, "22012"),
                        Arrays.asList("unusable", null, null)));
    }

    // ---- Secrets ----

    @ParameterizedTest
    @CsvSource({"basic", "bearer", "header", "user_token"})
    void secret_that_comes_back_is_masked_in_whatever_is_kept(String type) {
        String secret = type.equals("basic") ? SECRET : "s3cr3t-t0ken/value+x";
        Map<String, Object> authentication = new HashMap<>(Map.of("type", type));
        switch (type) {
            case "basic" -> authentication.put("username", "ada");
            case "header" -> authentication.put("header", "X-Api-Key");
            case "user_token" -> authentication.put("audience", "clinical");
            default -> {}
        }
        Map<String, Object> draft =
                new HashMap<>(Map.of("http", Map.of("baseUrl", url, "authentication", authentication)));
        if (!type.equals("user_token")) {
            draft.put("secret", secret);
        }
        String connection = save("leaky", draft);
        String script = """
                const res = await http.get(params.leaky, '/echo');
                const echoed = res.json().headers;
                const credential = echoed.authorization ?? echoed['x-api-key'];
                log.info('got ' + credential, { credential, all: res.text() });
                log.info(encodeURIComponent(credential) + ' ' + JSON.stringify(JSON.stringify(credential)));
                await state.set('credential', { credential });
                await state.set(credential.slice(0, 400), 1);
                await http.post(params.leaky, '/echo?was=' + encodeURIComponent(credential), { credential });
                await http.post(params.leaky, '/echo', 'text ' + credential);
                await audit.record({ action: 'leak', entityType: 'thing', entityId: '1', after: { credential }, reason: credential });
                await sql.execute(params.sql, 'insert into d (note) values ($1)', [credential]);
                """;
        Map<String, Object> parameters = Map.of("leaky", connection, "http", http, "sql", sql);
        String job = idleJob(script + "return { credential };", Map.of("parameters", parameters))
                .getString("id");
        Map<String, Object> run = runNow(job);
        assertThat(run).as("%s", run).containsEntry("outcome", "succeeded");
        Map<String, Object> failed =
                runNow(idleJob(script + "throw new Error('no good: ' + credential);", Map.of("parameters", parameters))
                        .getString("id"));
        assertThat(failed).containsEntry("outcome", "failed");

        List<String> kept = List.of(
                api().get("/runs/{run}", run.get("id")).asString(),
                api().get("/runs/{run}/log", run.get("id")).asString(),
                api().header("Accept", "text/event-stream")
                        .get("/runs/{run}/log", run.get("id"))
                        .asString(),
                api().get("/jobs/{job}/state", job).asString(),
                api().queryParam("size", 500).get("/audit").asString(),
                api().get("/runs/{run}", failed.get("id")).asString(),
                api().body(Map.of("script", script + "return { credential };", "parameters", parameters))
                        .post("/trials")
                        .asString());

        assertThat(kept).allSatisfy(text -> {
            assertThat(text).contains("•••");
            assertThat(text)
                    .doesNotContain(
                            "s3cr3t",
                            Base64.getEncoder().encodeToString(("ada:" + secret).getBytes(StandardCharsets.UTF_8)),
                            // How every part of a token but its signature begins
                            "eyJ");
        });
    }

    @Test
    void fields_of_bodies_and_fetched_tokens_are_masked() {
        String idp = save(
                "idp",
                Map.of("http", Map.of("baseUrl", url, "redact", List.of("client_secret", "pin", "access_token"))));
        Map<String, Object> run =
                runNow(idleJob("""
                        await http.post(params.idp, '/echo', { client_secret: 'one-of-the-script', nested: [{ PIN: 1234 }], scope: 'x' });
                        await http.post(params.idp, '/echo', 'client_secret=two%20of&scope=x', { headers: { 'Content-Type': 'application/x-www-form-urlencoded' } });
                        const { access_token } = (await http.post(params.idp, '/answer?token=1')).json();
                        log.info('fetched ' + access_token);
                        await state.set('token', access_token);
                        return { access_token, length: access_token.length };""", Map.of("parameters", Map.of("idp", idp))).getString("id"));

        assertThat(run).containsEntry("outcome", "succeeded");
        Map<String, Object> shown =
                api().get("/runs/{run}", run.get("id")).jsonPath().get();
        assertThat(shown.get("result")).isEqualTo(Map.of("access_token", "•••", "length", TOKEN.length()));
        assertThat(list(shown.get("effects")).stream()
                        .map(effect -> effect.get("value"))
                        .limit(2))
                .containsExactly(
                        Map.of("client_secret", "•••", "nested", List.of(Map.of("PIN", "•••")), "scope", "x"),
                        "client_secret=•••&scope=x");
        assertThat(api().get("/runs/{run}/log", run.get("id")).asString() + shown)
                .contains("fetched •••")
                .doesNotContain(TOKEN, "one-of-the-script", "two%20of");
    }

    // ---- Support ----

    private String get(String type, String hex) {
        return "await http.get(params.http, '/answer?hex=%s&type=' + encodeURIComponent('%s'))".formatted(hex, type);
    }

    private @Nullable Object result(String script) {
        Map<String, Object> trial = trial(script);
        assertThat(trial).as("%s", trial).containsEntry("outcome", "succeeded");
        return trial.get("result");
    }

    private @Nullable Object runResult(String script) {
        Map<String, Object> run = runNow(job(script));
        assertThat(run).as("%s", run).containsEntry("outcome", "succeeded");
        return run.get("result");
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

    private static String save(String name, Map<String, Object> draft) {
        String unique = unique(name);
        api().body(draft).put("/connections/{name}", unique).then().statusCode(201);
        return unique;
    }

    @SuppressWarnings("unchecked") // a JSON object
    private static Map<String, Object> error(Map<String, Object> run) {
        return (Map<String, Object>) Objects.requireNonNull(run.get("error"), "It did not fail");
    }

    private static String message(Map<String, Object> run) {
        return String.valueOf(error(run).get("message"));
    }

    @SuppressWarnings("unchecked") // a JSON array of objects
    private static List<Map<String, Object>> list(@Nullable Object array) {
        return (List<Map<String, Object>>) Objects.requireNonNull(array);
    }

    private static void execute(String statements) throws SQLException, IOException, InterruptedException {
        try (Connection connection = ForeignDatabase.ofThisJvm().connect();
                Statement statement = connection.createStatement()) {
            statement.execute(statements);
        }
    }

    private static List<String> rows(String query) throws SQLException {
        List<String> found = new ArrayList<>();
        try (Connection connection = ForeignDatabase.ofThisJvm().connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                List<String> values = new ArrayList<>();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    values.add(String.valueOf(rows.getString(i)));
                }
                found.add(String.join(" ", values));
            }
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
        return found;
    }

    /** Answers what the query of the request says. */
    private static void answer(HttpExchange exchange) throws IOException {
        Map<String, String> asked = new HashMap<>();
        String query = exchange.getRequestURI().getQuery();
        for (String field : query.split("&")) {
            asked.put(field.substring(0, field.indexOf('=')), field.substring(field.indexOf('=') + 1));
        }
        byte[] body = asked.containsKey("token")
                ? ("{\"access_token\":\"" + TOKEN + "\"}").getBytes(StandardCharsets.UTF_8)
                : HexFormat.of().parseHex(asked.getOrDefault("hex", ""));
        if (asked.containsKey("type")) {
            exchange.getResponseHeaders().set("Content-Type", asked.get("type"));
        }
        if (asked.containsKey("location")) {
            exchange.getResponseHeaders().set("Location", asked.get("location"));
        }
        exchange.sendResponseHeaders(
                Integer.parseInt(asked.getOrDefault("status", "200")), body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            exchange.getResponseBody().write(body);
        }
        exchange.close();
    }

    /** Answers with the headers and the body that came. */
    private static void echo(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        byte[] answer;
        if (String.valueOf(exchange.getRequestURI().getQuery()).contains("raw")) {
            answer = body;
            exchange.getResponseHeaders().set("Content-Type", "application/octet-stream");
        } else {
            Map<String, String> headers = new HashMap<>();
            exchange.getRequestHeaders()
                    .forEach((name, values) -> headers.put(name.toLowerCase(java.util.Locale.ROOT), values.getFirst()));
            answer = new com.fasterxml.jackson.databind.ObjectMapper()
                    .writeValueAsBytes(
                            Map.of("headers", headers, "body", HexFormat.of().formatHex(body)));
            exchange.getResponseHeaders().set("Content-Type", "application/json");
        }
        exchange.sendResponseHeaders(200, answer.length);
        exchange.getResponseBody().write(answer);
        exchange.close();
    }
}

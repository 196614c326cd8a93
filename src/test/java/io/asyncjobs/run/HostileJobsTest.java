package io.asyncjobs.run;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.archive;
import static io.asyncjobs.testsupport.Api.createJob;
import static io.asyncjobs.testsupport.Api.endedRuns;
import static io.asyncjobs.testsupport.Api.idleJob;
import static io.asyncjobs.testsupport.Api.runNow;
import static io.asyncjobs.testsupport.Api.startRun;
import static io.asyncjobs.testsupport.Api.ticks;
import static io.asyncjobs.testsupport.Api.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.ForeignDatabase;
import io.asyncjobs.testsupport.RawServer;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Jobs whose scripts mean no good, in the whole service: their outcome is honest, their deadline is kept within a second,
 * health answers meanwhile, and a job of one second beside them misses no tick.
 */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileJobsTest {

    private static final int TIMEOUT_SECONDS = 2;
    /** Long enough to fill the heap on a busy machine: what ends the run is to be the memory's limit. */
    private static final int BOMB_TIMEOUT_SECONDS = 30;

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** What the server waits for that answers slowly, or never. */
    private static final CountDownLatch OVER = new CountDownLatch(1);

    private record Case(String what, int timeoutSeconds, String outcome, String message, String script) {

        @Override
        public String toString() {
            return what;
        }
    }

    private final Map<String, Object> parameters = new HashMap<>();
    private String neighbour = "";
    private @Nullable RawServer server;

    /** Not before all: only a test knows the service's port. */
    private void prepare() throws IOException, InterruptedException {
        if (server != null) {
            return;
        }
        neighbour = createJob(1, "return run.scheduledFor").getString("id");
        endedRuns(neighbour, 1);
        server = RawServer.start(HostileJobsTest::answer);
        connect("http", Map.of("http", Map.of("baseUrl", server.url())));
        ForeignDatabase foreign = ForeignDatabase.ofThisJvm();
        connect("sql", Map.of("postgresql", foreign.section(), "secret", foreign.password()));
    }

    @AfterAll
    void stop() throws IOException {
        OVER.countDown();
        if (server != null) {
            server.close();
        }
    }

    private void connect(String parameter, Map<String, Object> draft) {
        String name = unique(parameter);
        api().body(draft).put("/connections/{name}", name).then().statusCode(201);
        parameters.put(parameter, name);
    }

    /** Never at all, a byte a second, or a small body that unpacks to a gigabyte. */
    private static void answer(RawServer.Request request, OutputStream out) throws IOException, InterruptedException {
        if (request.line().contains("/bomb")) {
            byte[] bomb = bomb();
            out.write(("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + bomb.length + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            out.write(bomb);
        } else if (request.line().contains("/drip")) {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            do {
                out.write('.');
                out.flush();
            } while (!OVER.await(1, TimeUnit.SECONDS));
        } else if (request.line().contains("/silent")) {
            OVER.await();
        } else {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
                    .getBytes(StandardCharsets.US_ASCII));
        }
    }

    private static byte[] bomb() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 1_024; i++) {
                gzip.write(zeros);
            }
        }
        return packed.toByteArray();
    }

    static Stream<Case> cases() {
        return Stream.of(
                endless("1 an empty loop", "while(true){}"),
                endless("1 a loop that finally goes on", "for(;;){try{for(;;);}finally{continue}}"),
                endless(
                        "1 a promise that queues itself",
                        "const a = () => { Promise.resolve().then(a); }; a(); await new Promise(() => {});"),
                endless("2 a power that outlives close", "return String(7n**(10n**7n)).length"),
                endless("2 a search that outlives close", "return Array.prototype.indexOf.call({length:2**53-1},1)"),
                endless("3 a regular expression", "return /^(a+)+\\1b$/.test('a'.repeat(40))"),
                bomb("4 a doubling array", "let a = [1]; for (;;) a = a.concat(a);"),
                bomb("4 a hoard", "const h = []; for (;;) h.push(new Uint8Array(1 << 20).fill(1));"),
                bomb(
                        "4 a string",
                        "let s = 'x'; const all = []; for (;;) { s += s.slice(0, 100000) + all.length; all.push(s.split('').join('')); }"),
                bomb(
                        "4 catching it and going on",
                        "const k = []; for (;;) { try { for (;;) k.push({ a: [1] }); } catch (e) { log.warn('caught'); } }"),
                new Case("5 recursion", TIMEOUT_SECONDS, "failed", "Maximum call stack", "(function f() { f(); })()"),
                new Case(
                        "5 recursion through a proxy and a getter",
                        TIMEOUT_SECONDS,
                        "failed",
                        "Maximum call stack",
                        "const o = { get x() { return p.x; } }; const p = new Proxy(o, { get(t, k) { return o[k]; } }); return p.x;"),
                new Case(
                        "6 a flood of lines",
                        TIMEOUT_SECONDS,
                        "succeeded",
                        "",
                        "for (let i = 0; i < 20000; i++) log.info('flood'.repeat(20)); return 1"),
                new Case(
                        "6 a result of millions of nodes",
                        BOMB_TIMEOUT_SECONDS,
                        "limit_exceeded",
                        "Limit of ",
                        "let r = []; for (let i = 0; i < 2 ** 22; i++) r.push(0); return r"),
                new Case("6 a cycle", TIMEOUT_SECONDS, "failed", "", "const a = {}; a.a = a; return a"),
                new Case("6 a function", TIMEOUT_SECONDS, "failed", "The result at $ is a function", "return () => 1"),
                new Case("6 a symbol", TIMEOUT_SECONDS, "failed", "The result at $ is a symbol", "return Symbol('s')"),
                new Case("6 a BigInt", TIMEOUT_SECONDS, "failed", "BigInt", "return 1n"),
                new Case("6 not a number", TIMEOUT_SECONDS, "failed", "The result at $ is NaN", "return NaN"),
                new Case(
                        "6 a lone surrogate",
                        TIMEOUT_SECONDS,
                        "failed",
                        "half of a surrogate pair",
                        "return '\\ud800'"),
                new Case("6 NUL", TIMEOUT_SECONDS, "succeeded", "", "return '\\u0000'"),
                new Case(
                        "7 the host's classes",
                        TIMEOUT_SECONDS,
                        "failed",
                        "Java is not defined",
                        "return Java.type('java.lang.System').getenv()"),
                new Case("7 a file as a module", TIMEOUT_SECONDS, "failed", "", "return await import('/etc/passwd')"),
                endless("9 a result whose getter loops", "return { get x() { for (;;); } }"),
                new Case(
                        "9 an error whose text loops",
                        TIMEOUT_SECONDS,
                        "failed",
                        "The script threw",
                        "throw { toString() { for (;;); } }"),
                endless("9 a proxy as a parameter", "await state.set('k', new Proxy({}, { ownKeys() { for (;;); } }))"),
                endless("9 a result whose JSON loops", "return { toJSON() { for (;;); } }"),
                endless("9 a proxy in a line of the log", "log.info(new Proxy({}, { get() { for (;;); } }))"),
                endless("5 recursion without end", "for (;;) { try { (function f() { f(); })(); } catch {} }"),
                endless("1 a sleep past the deadline", "await sleep(1e9)"),
                endless(
                        "9 calls until after the deadline",
                        "for (;;) { try { await state.get('k'); await sleep(1); } catch {} }"),
                new Case(
                        "10 a thousand calls at once",
                        BOMB_TIMEOUT_SECONDS,
                        "succeeded",
                        "",
                        "await Promise.all(Array.from({ length: 1000 }, () => state.get('k'))); return 1"),
                endless("10 a connection that never answers", "await http.get(params.http, '/silent')"),
                endless("10 a connection that drips", "await http.get(params.http, '/drip')"),
                new Case(
                        "10 a body that unpacks without end",
                        BOMB_TIMEOUT_SECONDS,
                        "failed",
                        "",
                        "return (await http.get(params.http, '/bomb')).text().length"),
                new Case(
                        "11 two statements at once",
                        TIMEOUT_SECONDS,
                        "failed",
                        "",
                        "await sql.execute(params.sql, 'select 1; drop table finding')"),
                endless("11 a statement that sleeps", "await sql.query(params.sql, 'select pg_sleep(600)')"),
                new Case(
                        "11 a program",
                        TIMEOUT_SECONDS,
                        "failed",
                        "",
                        "await sql.execute(params.sql, \"copy (select 1) to program 'cat'\")"),
                new Case(
                        "11 another role",
                        TIMEOUT_SECONDS,
                        "failed",
                        "",
                        "await sql.execute(params.sql, 'set role postgres')"),
                new Case(
                        "11 the service's own tables",
                        TIMEOUT_SECONDS,
                        "failed",
                        "",
                        "await sql.query(params.sql, 'select * from audit_event')"),
                new Case(
                        "12 a huge value",
                        BOMB_TIMEOUT_SECONDS,
                        "failed",
                        "",
                        "await state.set('k', 'x'.repeat(2 ** 21))"),
                new Case(
                        "12 no JSON",
                        TIMEOUT_SECONDS,
                        "failed",
                        "The value at $ is a function",
                        "await state.set('k', () => 1)"));
    }

    private static Case endless(String what, String script) {
        return new Case(what, TIMEOUT_SECONDS, "timed_out", "Limit of 2 s wall time passed", script);
    }

    private static Case bomb(String what, String script) {
        return new Case(what, BOMB_TIMEOUT_SECONDS, "limit_exceeded", "MiB memory passed", script);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void hostile_script_ends_honestly_and_disturbs_nobody(Case hostile) throws IOException, InterruptedException {
        prepare();
        String job = idleJob(
                        hostile.script(), Map.of("parameters", parameters, "timeoutSeconds", hostile.timeoutSeconds()))
                .getString("id");
        // The spare that takes over from a condemned worker has to be there: two such runs in a row may be faster
        await().atMost(PATIENCE).until(() -> readyWorkers() >= 2);
        Map<String, Integer> missedBefore = ticks(neighbour).getMap("gaps");
        AtomicLong slowestHealth = new AtomicLong();

        String run = startRun(job);
        Map<String, Object> ended = await().atMost(PATIENCE)
                .until(
                        () -> {
                            long asked = System.nanoTime();
                            RestAssured.get("/q/health").then().statusCode(200);
                            slowestHealth.accumulateAndGet(System.nanoTime() - asked, Math::max);
                            return api().get("/runs/{run}", run).jsonPath().<String, Object>getMap("$");
                        },
                        found -> found.get("outcome") != null);

        assertThat(ended).containsEntry("outcome", hostile.outcome());
        if (!hostile.message().isEmpty()) {
            assertThat(String.valueOf(ended.get("error"))).contains(hostile.message());
        }
        assertThat(Duration.ofMillis(((Number) Objects.requireNonNull(ended.get("durationMillis"))).longValue()))
                .isLessThan(Duration.ofSeconds(hostile.timeoutSeconds()).plus(SECOND));
        assertThat(Duration.ofNanos(slowestHealth.get())).isLessThan(SECOND);
        assertThat(ticks(neighbour).<String, Integer>getMap("gaps"))
                .as("ticks that the neighbour missed")
                .isEqualTo(missedBefore);
        archive(job);
    }

    @Test
    void workers_lost_one_after_the_other_cost_a_neighbour_no_tick() throws IOException, InterruptedException {
        prepare();
        Map<String, Integer> missedBefore = ticks(neighbour).getMap("gaps");

        for (int i = 0; i < 3; i++) {
            // Each is new to the service, and waits for no replacement of the worker before
            String job = idleJob(
                            "return String(7n**(10n**7n)).length + " + i, Map.of("timeoutSeconds", TIMEOUT_SECONDS))
                    .getString("id");
            assertThat(runNow(job)).containsEntry("outcome", "timed_out");
            archive(job);
        }

        assertThat(ticks(neighbour).<String, Integer>getMap("gaps")).isEqualTo(missedBefore);
    }

    private static int readyWorkers() {
        return api().get("/cluster/nodes")
                .jsonPath()
                .getList("items.find { it.self }.workers.findAll { it.state == 'ready' }")
                .size();
    }

    @Test
    void source_of_a_megabyte_of_braces_is_refused() {
        api().body(Map.of("script", "(".repeat(1024 * 1024)))
                .post("/scripts/validate")
                .then()
                .statusCode(200)
                .body("valid", equalTo(false));
    }

    @Test
    void control_characters_of_a_line_are_shown_and_make_no_other_line() {
        String job = idleJob("log.info('a\\r\\nb\\u001b[31mc\\u0000d')").getString("id");

        String run = startRun(job);
        await().atMost(PATIENCE)
                .until(() -> api().get("/runs/{run}", run).jsonPath().getString("outcome") != null);

        assertThat(api().get("/runs/{run}/log", run).asString().strip().lines())
                .hasSize(1)
                .allSatisfy(line -> assertThat(line).doesNotContain("\u001b").doesNotContain("\u0000"));
        archive(job);
    }

    @Test
    void prototypes_poisoned_by_one_job_are_whole_in_the_next_run_and_in_another_job() {
        String poison = idleJob("""
                const before = [1].map(x => x + 1)[0] + typeof globalThis.leak;
                Array.prototype.map = () => { throw new Error('poisoned'); };
                JSON.parse = Object.keys = null;
                globalThis.leak = 1;
                return before;
                """).getString("id");
        String other = idleJob("return [1].map(x => x + 1)[0] + typeof globalThis.leak")
                .getString("id");

        for (String job : List.of(poison, other, poison)) {
            assertThat(runNow(job)).containsEntry("result", "2undefined");
        }
    }

    @Test
    void key_of_state_that_names_a_prototype_is_a_key_like_any_other() {
        String job = idleJob("""
                await state.set('__proto__', { polluted: true });
                const kept = await state.get('__proto__');
                return [kept.polluted, ({}).polluted ?? null];
                """).getString("id");

        assertThat(runNow(job).get("result")).isEqualTo(Arrays.asList(true, null));
    }
}

package io.asyncjobs.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.asyncjobs.platform.memory.ByteBudget;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ScriptContractTest {

    private TestPool pool = TestPool.start();

    @BeforeAll
    void ready() {
        pool.awaitReady(1);
    }

    @AfterAll
    void stop() {
        pool.close();
    }

    @Test
    void returned_value_is_the_result() {
        assertThat(pool.result("return {a: [1, 'ü', null], inner: {toJSON() { return 'x'; }}};"))
                .isEqualTo("{\"a\":[1,\"ü\",null],\"inner\":\"x\"}");
        assertThat(pool.result("")).isEqualTo("null");
        assertThat(pool.result("return '\\u0000';")).isEqualTo("\"\\u0000\"");
    }

    @Test
    void await_and_sleep_work_at_top_level() {
        assertThat(pool.result(
                        "const t = Date.now(); await sleep(60); return await (async () => Date.now() - t >= 55)();"))
                .isEqualTo("true");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\uFEFFreturn 'ü'",
                "// c\r\nreturn 'ü'\r\n",
                "return 'ü' // no line end",
                "'use strict'; return 'ü'",
                "return 'ü' /* end */ // -->"
            })
    void script_text_may_come_in_any_dress(String source) {
        assertThat(pool.check(source)).isEmpty();
        assertThat(pool.result(source)).isEqualTo("\"ü\"");
    }

    @Test
    void parameters_and_context_are_deeply_frozen() {
        ScriptRequest request = new ScriptRequest(
                ScriptSource.of(
                        "'use strict'; const tries = [() => params.a.push(1), () => params.b = 1, () => job.name = 1,"
                                + " () => { params = 1; }];\n"
                                + "return [params.a[0].c, params['__proto__'], job.name, run.id, user, tries.filter(t => { try { t(); return true; } catch { return false; } }).length];"),
                "{\"a\":[{\"c\":1}],\"__proto__\":5}",
                TestPool.CONTEXT,
                ScriptLimits.of(Duration.ofSeconds(10)));
        ScriptOutcome outcome =
                TestPool.await(pool.pool.start(request, new TestPool.Host()).completion());
        assertThat(outcome.resultJson()).isEqualTo("[1,5,\"Närrisch\",\"r1\",null,0]");
    }

    @Test
    void log_lines_keep_level_text_data_and_order() {
        TestPool.Host host = new TestPool.Host();
        pool.run(
                "log.info('a\\r\\n\\u001b[31m\\u0000b', {n: 1}); log.warn('w', new TypeError('t')); console.log('x', 1, {y: 2}, null, undefined, 3n, Symbol('s'));"
                        + "log.error('cycle', (() => { const c = {}; c.c = c; return c; })()); log.debug('\\ud800');",
                host);
        assertThat(host.lines)
                .extracting(LogLine::level, LogLine::text, LogLine::dataJson)
                .containsExactly(
                        tuple(LogLevel.INFO, "a\r\n\u001b[31m\u0000b", "{\"n\":1}"),
                        tuple(LogLevel.WARN, "w", "\"TypeError: t\\nat script:1:59\""),
                        tuple(LogLevel.INFO, "x 1 {\"y\":2} null undefined 3 Symbol(s)", null),
                        tuple(LogLevel.ERROR, "cycle", "{\"c\":\"[circular]\"}"),
                        tuple(LogLevel.DEBUG, "\\ud800", null));
        assertThat(host.lines.stream().map(LogLine::nanoTime).toList()).isSorted();
    }

    @Test
    void log_past_its_limit_is_cut_with_a_notice() {
        TestPool.Host host = new TestPool.Host();
        ScriptOutcome outcome =
                pool.run("for (let i = 0; i < 200000; i++) log.info('0123456789'.repeat(10)); return 'end';", host);
        assertThat(outcome.resultJson()).isEqualTo("\"end\"");
        assertThat(outcome.logTruncated()).isTrue();
        assertThat(host.lines).hasSizeBetween(2600, 2630);
        assertThat(host.texts().getLast()).contains("limit of 262144 bytes");
    }

    @Test
    void state_goes_through_the_host() {
        TestPool.Host host = new TestPool.Host();
        ScriptOutcome outcome = pool.run(
                "await state.set('k', {v: [1]}); const had = await state.get('k'); await state.set('__proto__', 2); state.delete('k');"
                        + "return [had, await state.get('none'), await state.keys()];",
                host);
        assertThat(outcome.resultJson()).isEqualTo("[{\"v\":[1]},null,[\"__proto__\"]]");
        assertThat(host.state).containsOnlyKeys("\"__proto__\"");
    }

    @Test
    void state_takes_only_what_is_json() {
        assertThat(pool.error("await state.set('k', () => 1);").message()).contains("The value at $ is a function");
        assertThat(pool.error("await state.set(5, 1);").message()).contains("The key must be a string");
        assertThat(pool.result("try { await state.set('k', 1n); } catch (e) { return e instanceof TypeError; }"))
                .isEqualTo("true");
    }

    @Test
    void call_that_is_not_awaited_is_carried_out_before_the_run_ends() {
        CompletableFuture<@Nullable String> slow = new CompletableFuture<>();
        HostFunctions host = new TestPool.Host() {
            @Override
            public CompletionStage<@Nullable String> call(
                    String function, String argumentsJson, ByteBudget.Hold memory) {
                return slow;
            }
        };
        CompletionStage<ScriptOutcome> completion = pool.start(
                        "state.set('k', 1); return 7;", host, ScriptLimits.of(Duration.ofSeconds(10)))
                .completion();
        assertThat(pool.run("return 1;").kind()).isEqualTo(ScriptOutcome.Kind.SUCCEEDED);
        assertThat(completion.toCompletableFuture()).isNotDone();
        slow.complete(null);
        assertThat(TestPool.await(completion).resultJson()).isEqualTo("7");
    }

    @Test
    void host_failure_reaches_the_script_with_its_message_only() {
        HostFunctions told = new TestPool.Host() {
            @Override
            public CompletionStage<@Nullable String> call(
                    String function, String argumentsJson, ByteBudget.Hold memory) {
                return CompletableFuture.failedStage(
                        new HostCallException("state is full", new IllegalStateException("secret")));
            }
        };
        ScriptError error =
                TestPool.error(pool.run("\nasync function f() {\n  return await state.get('k');\n}\nawait f();", told));
        assertThat(error.message()).isEqualTo("Error: state is full");
        assertThat(error.line()).isEqualTo(3);
        assertThat(error.stack())
                .contains("at f (script:3:")
                .contains("at script:5:")
                .doesNotContain("bootstrap");

        HostFunctions broken = new TestPool.Host() {
            @Override
            public CompletionStage<@Nullable String> call(
                    String function, String argumentsJson, ByteBudget.Hold memory) {
                throw new IllegalStateException("jdbc:postgresql://secret");
            }
        };
        ScriptOutcome outcome = pool.run(
                "try { await state.get('k'); } catch (e) { return [e.message, e.stack, e.constructor === Error, Object.keys(e)]; }",
                broken);
        assertThat(outcome.resultJson())
                .contains("state.get failed inside the service (id ")
                .contains("script:1:")
                .doesNotContain("secret")
                .doesNotContain("java")
                .doesNotContain("bootstrap")
                .endsWith("true,[]]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "throw new TypeError('x')|TypeError: x|1|7",
                "let q = null;~  q.foo;|TypeError: Cannot read property 'foo' of null|2|3",
                "~~ missing(1)|ReferenceError: missing is not defined|3|2",
                "await null;~await Promise.reject(~ new RangeError('late'))|RangeError: late|3|2",
                "JSON.parse('{bad')|SyntaxError: Unexpected token b in JSON at position 1|1|1",
                "function r() { r(); } r()|RangeError: Maximum call stack size exceeded|1|",
                "const p = new Proxy({}, {get(t, k) { return p[k]; }}); p.x|RangeError: Maximum call stack size exceeded|1|",
            })
    void error_shows_the_scripts_own_line_and_column(
            String source, String message, int line, @Nullable Integer column) {
        ScriptError error = pool.error(source.replace('~', '\n'));
        assertThat(error.message()).isEqualTo(message);
        assertThat(error.line()).isEqualTo(line);
        if (column != null) {
            assertThat(error.column()).isEqualTo(column);
        }
        assertThat(error.stack()).contains("script:" + line + ":").doesNotContain("bootstrap");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "throw 5|The script threw 5",
                "throw null|The script threw null",
                "throw undefined|The script threw undefined",
                "throw Symbol('s')|The script threw Symbol(s)",
                "throw {a: 1}|The script threw {\"a\":1}",
                "throw new Proxy({}, {get() { throw 1; }})|The script threw [object]",
                "return Promise.reject(7n)|The script threw 7",
                "throw Object.create(null)|The script threw {}",
                "await new Promise(() => {})|The script awaits something that can never happen",
                "return () => 1|The result at $ is a function",
                "return Symbol()|The result at $ is a symbol",
                "const a = {}; a.a = a; return a|circular",
                "return 5n|BigInt",
                "return {toJSON() { throw new Error('mine'); }}|Error: mine",
            })
    void whatever_goes_wrong_is_described(String source, String message) {
        assertThat(pool.error(source).message()).containsIgnoringCase(message);
    }

    @Test
    void result_past_its_limit_says_so() {
        ScriptOutcome outcome = pool.run("return 'x'.repeat(70000);");
        assertThat(outcome.kind()).isEqualTo(ScriptOutcome.Kind.LIMIT_EXCEEDED);
        assertThat(outcome.error())
                .extracting(e -> e == null ? "" : e.message())
                .isEqualTo("Limit of 65536 bytes for the result passed: it has 70002");
    }

    @Test
    void host_calls_past_their_limit_end_the_run() {
        ScriptLimits limits = ScriptLimits.of(Duration.ofSeconds(10), 1000, 1000, 3);
        ScriptOutcome outcome = TestPool.await(
                pool.start("for (;;) { try { await state.get('k'); } catch {} }", new TestPool.Host(), limits)
                        .completion());
        assertThat(outcome.kind()).isEqualTo(ScriptOutcome.Kind.LIMIT_EXCEEDED);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "var x y;|1|7",
                "let a;~  let a;|2|7",
                "if (1) {|1|9",
                "x(|1|3",
                "return 1;~}|2|2",
                "}); (async function(){|1|2",
                "} + function(){|1|3",
                "}, async x(){|1|2",
                "super.x|1|1",
                "import x from 'y'|1|1",
            })
    void what_does_not_parse_is_a_problem_with_its_place(String source, int line, int column) {
        String text = source.replace('~', '\n');
        assertThat(pool.check(text)).singleElement().satisfies(problem -> {
            assertThat(problem.message()).isNotBlank().doesNotContain("script:").doesNotContain("\n");
            assertThat(problem.line()).isEqualTo(line);
            assertThat(problem.column()).isEqualTo(column);
        });
        assertThat(pool.error(text).message()).startsWith("SyntaxError: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", "[", "a=>", "1+", "`${", "{"})
    void a_megabyte_of_nesting_is_a_problem(String piece) {
        assertThat(pool.check(piece.repeat(1_000_000 / piece.length()))).hasSize(1);
    }
}

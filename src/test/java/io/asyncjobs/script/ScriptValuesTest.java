package io.asyncjobs.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values arrive exactly or not at all, a failure is a failure, and an error names the script's own line. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ScriptValuesTest {

    private final TestPool pool = TestPool.start();

    @BeforeAll
    void ready() {
        pool.awaitReady(1);
    }

    @AfterAll
    void stop() {
        pool.close();
    }

    // ---- Values ----

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "return {w: NaN}|The result at $.w is NaN, which JSON cannot hold",
                "return [1, {a: -Infinity}]|The result at $[1].a is -Infinity, which JSON cannot hold",
                "return [1, undefined]|The result at $[1] is undefined, which JSON cannot hold: use null",
                "return [1, , 2]|The result at $[1] is undefined, which JSON cannot hold: use null",
                "return {m: new Map([['a', 1]])}|The result at $.m is a Map, which JSON cannot hold: use Object.fromEntries(map)",
                "return {'a b': [new Set([1])]}|The result at $[\"a b\"][0] is a Set, which JSON cannot hold: use [...set]",
                "return {d: new Date(NaN)}|The result at $.d is an invalid Date, which JSON cannot hold",
                "return {e: new TypeError('x')}|The result at $.e is an Error, which JSON cannot hold: use its message",
                "return {f: () => 1}|The result at $.f is a function, which JSON cannot hold",
                "return {s: Symbol('s')}|The result at $.s is a symbol, which JSON cannot hold",
                "return {r: /x/}|The result at $.r is a RegExp, which JSON cannot hold",
                "return {b: new Uint8Array([37])}|The result at $.b is a Uint8Array, which JSON cannot hold",
                "return {b: new ArrayBuffer(1)}|The result at $.b is an ArrayBuffer, which JSON cannot hold",
                "return {p: Promise.resolve(1)}|The result at $.p is a Promise, which JSON cannot hold: await it",
                "return {w: new WeakMap()}|The result at $.w is a WeakMap, which JSON cannot hold",
                "return {n: 10n}|The result at $.n is a BigInt, which JSON cannot hold: give it as text: String(value)",
                "return 10n|The result at $ is a BigInt, which JSON cannot hold",
                "return {t: 'a\\ud800b'}|The result at $.t holds half of a surrogate pair",
                "return {'a\\udc00': 1}|The result at $[\"a\\udc00\"] holds half of a surrogate pair",
                "const a = {b: [1]}; a.b.push(a); return a|The result at $.b[1] is circular, which JSON cannot hold",
                "await state.set('w', NaN)|The value at $ is NaN, which JSON cannot hold",
                "await state.set('w', {a: {b: undefined, c: [void 0]}})|The value at $.a.c[0] is undefined",
                "await state.set('a\\ud800', 1)|The key at $ holds half of a surrogate pair",
                "await audit.record({action: 'a', after: {dose: NaN}})|The event at $.after.dose is NaN",
                "await http.post('w', '/x', {dose: NaN})|The body at $.dose is NaN",
            })
    void what_json_cannot_hold_is_refused_with_its_path(String source, String message) {
        ScriptError error = pool.error("\n" + source);
        assertThat(error.message()).contains(message);
        assertThat(error.line()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "return {a: 1, b: undefined}|{\"a\":1}",
                "return {d: new Date(0)}|{\"d\":\"1970-01-01T00:00:00.000Z\"}",
                "return [new Number(1), new String('x'), new Boolean(false)]|[1,\"x\",false]",
                "return {toJSON() { return {x: [1]}; }}|{\"x\":[1]}",
                "return Object.assign(Object.create(null), {a: 0.1, b: 1e21, c: 5e-324, d: 123456789012345680000})|{\"a\":0.1,\"b\":1e+21,\"c\":5e-324,\"d\":123456789012345680000}",
                "class P { x = 1; #y = 2; } return new P()|{\"x\":1}",
                "const shared = {a: 1}; return [shared, shared]|[{\"a\":1},{\"a\":1}]",
                "return '\\u2028\\u0000\\ud83d\\ude00\"'|\"\u2028\\u0000😀\\\"\"",
                "Array.prototype.toJSON = () => 1; return {a: [1]}|{\"a\":1}",
            })
    void what_json_can_hold_arrives_as_it_is(String source, String json) {
        assertThat(pool.result(source)).isEqualTo(json);
    }

    @Test
    void integer_that_a_number_cannot_hold_is_not_given_to_a_script() {
        TestPool.Host host = new TestPool.Host();
        host.state.put("\"cursor\"", "{\"a\":[1,{\"id\":9007199254740993}]}");
        host.state.put("\"even\"", "9007199254740994");
        host.state.put("\"large\"", "1e400");
        assertThat(pool.run("return await state.get('even');", host).resultJson())
                .isEqualTo("9007199254740994");
        ScriptOutcome outcome = pool.run("\nreturn await state.get('cursor');", host);
        assertThat(outcome.kind()).isEqualTo(ScriptOutcome.Kind.FAILED);
        assertThat(outcome.error())
                .extracting(e -> e == null ? "" : e.line() + " " + e.message())
                .isEqualTo(
                        "2 Error: The answer at $.a[1].id is 9007199254740993, an integer that a number cannot hold: it would"
                                + " become 9007199254740992");
        assertThat(pool.run("try { await state.get('large') } catch (e) { return e.message }", host)
                        .resultJson())
                .contains("$ is 1e400, which is larger than any number can be");
    }

    @Test
    void parameters_with_such_an_integer_end_the_run() {
        ScriptOutcome outcome =
                pool.run("return params.id;", true, "{\"id\":3544790567247868102,\"ratio\":0.12345678901234567890}");
        assertThat(outcome.kind()).isEqualTo(ScriptOutcome.Kind.FAILED);
        assertThat(String.valueOf(outcome.error())).contains("$.id is 3544790567247868102, an integer");
    }

    @Test
    void scripts_run_in_utc() {
        assertThat(pool.result(
                        "return [new Date('2026-09-28T00:31:25').toISOString(), new Date(0).getTimezoneOffset()]"))
                .isEqualTo("[\"2026-09-28T00:31:25.000Z\",0]");
    }

    @Test
    void log_shows_what_json_cannot_hold() {
        TestPool.Host host = new TestPool.Host();
        pool.run(
                "log.info('m', {dose: NaN, m: new Map(), n: 5n, u: [undefined]}, 'third');\n"
                        + "log.info('half \\ud800');\n"
                        + "console.log({dose: NaN});\n"
                        + "log.error('m', new TypeError('t', {cause: new Error('inner')}));\n"
                        + "log.error(new Error('alone'));\n"
                        + "log.warn('w', {e: Object.assign(new Error('x'), {code: 7})});",
                host);
        List<LogLine> lines = List.copyOf(host.lines);
        assertThat(lines.get(0).dataJson())
                .isEqualTo("[{\"dose\":\"[NaN]\",\"m\":\"[a Map]\",\"n\":\"[5n]\",\"u\":[\"[undefined]\"]},\"third\"]");
        assertThat(lines.get(1).text()).isEqualTo("half \\ud800");
        assertThat(lines.get(2).text()).isEqualTo("{\"dose\":\"[NaN]\"}");
        assertThat(lines.get(3).dataJson())
                .isEqualTo("\"TypeError: t\\nat script:4:16\\ncaused by: Error: inner\\nat script:4:43\"");
        assertThat(lines.get(4).text()).isEqualTo("Error: alone");
        assertThat(lines.get(4).dataJson()).isEqualTo("\"Error: alone\\nat script:5:11\"");
        assertThat(lines.get(5).dataJson()).startsWith("{\"e\":\"Error: x (code: 7)\\nat script:6:");
    }

    // ---- Failures ----

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Promise.reject(new Error('side')); await sleep(1); return 1;|1|Error: side",
                "[1,2].forEach(async i => { throw new Error('no ' + i) });~return 'ok'|1|Error: no 1",
                "state.set('k', 10n);~return 'ok'|1|The value at $ is a BigInt",
                "~(async () => { await state.get('x'); throw new Error('late') })();~return 'ok'|2|Error: late",
                "state.get('a').then(() => { throw new Error('then') });|1|Error: then",
            })
    void rejection_that_nobody_handles_fails_the_run(String source, int line, String message) {
        ScriptError error = pool.error(source.replace('~', '\n'));
        assertThat(error.message())
                .contains(message)
                .endsWith("(a promise was rejected and nobody handled it: await it, or catch)");
        assertThat(error.line()).isEqualTo(line);
    }

    @Test
    void rejection_that_is_handled_fails_nothing() {
        assertThat(
                        pool.result(
                                "const p = Promise.reject(new Error('x')); await null; try { await p } catch { return 'caught' }"))
                .isEqualTo("\"caught\"");
        assertThat(pool.result("await Promise.allSettled([Promise.reject(1), Promise.reject(2)]); return 3"))
                .isEqualTo("3");
        assertThat(pool.result(
                        "return await Promise.race([sleep(1), sleep(60000).then(() => { throw new Error('slow') })])"))
                .isEqualTo("null");
    }

    @Test
    void what_was_not_run_after_the_end_is_said() {
        TestPool.Host host = new TestPool.Host();
        ScriptOutcome outcome =
                pool.run("(async () => { await sleep(50000); throw new Error('late') })(); return 'ok'", host);
        assertThat(outcome.resultJson()).isEqualTo("\"ok\"");
        assertThat(host.texts())
                .containsExactly(
                        "The script returned while it still slept (sleeps and timers: 1); what comes after them was not run");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "~cursr = 5|2|ReferenceError: cursr is not defined",
                "~~params.x = 1;|3|TypeError: Cannot",
                "'use strict';~~params.x = 1;|3|TypeError: Cannot",
                "~delete params.x.y|2|TypeError",
                "const f = Object.freeze([1]);~for (const i of [0]) f[i] = 2;|2|TypeError: Cannot redefine property: 0",
                "const f = Object.freeze({a: 1});~~delete f.a;|3|TypeError: \"a\" is not a configurable property",
                "~'a' in 'b'|2|TypeError: b is not an Object",
                "~(5).x = 1|2|TypeError: Cannot add property",
            })
    void scripts_are_strict(String source, int line, String message) {
        ScriptError error = pool.error(source.replace('~', '\n'));
        assertThat(error.message()).startsWith(message);
        assertThat(error.line()).isEqualTo(line);
    }

    @Test
    void script_of_before_runs_as_it_did() {
        assertThat(pool.run("cursr = 5; return [cursr, this === globalThis];", false, "{}")
                        .resultJson())
                .isEqualTo("[5,true]");
        assertThat(pool.error("cursr = 5; return [cursr, this === globalThis];").line())
                .isEqualTo(1);
    }

    // ---- Errors ----

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "~throw new Error('outer', { cause: new Error('inner') })|2|7|Error: outer; caused by: Error: inner",
                "~await Promise.any([Promise.reject(new Error('a')), Promise.reject(new Error('b'))])|2|35|AggregateError; one of them: Error: a; one of them: Error: b",
                "class Missing extends Error {}~~~throw new Missing('m');|4|7|Missing: m",
                "class Missing extends Error { constructor(m) {~super(m); this.code = 5; } }~~throw new Missing('m');|4|7|Missing: m (code: 5)",
                "~throw new Error('m');~//# sourceURL=x.js|2|7|Error: m",
                "~if (true) throw {code: 7, message: 'm'};|2|11|The script threw {\"code\":7,\"message\":\"m\"}",
                "await null;~  throw 5|2|3|The script threw 5",
                "throw 'text'|1|1|The script threw text",
                "~const c = {}; c.c = c;~return c;|3|1|TypeError: The result at $.c is circular",
                "~return 10n|2|1|TypeError: The result at $ is a BigInt",
                "~Object.assign(params, {a: 1})|2|1|TypeError",
                "~throw Object.assign(new Error('m'), {status: 503, sqlState: '23505', nested: {}})|2|21|Error: m (status: 503, sqlState: 23505)",
                "~[1].map(x => { throw new RangeError('cb') })|2|22|RangeError: cb",
                "~setImmediate(() => 1)|2|1|ReferenceError: setImmediate is not defined: use queueMicrotask or await sleep(milliseconds)",
                "~require('fs')|2|1|ReferenceError: require is not defined: a data script has no modules",
                "throw 'a\\ud800'|1|1|The script threw a\\ud800",
                "#!/usr/bin/env node~throw new Error('x')|2|7|Error: x",
                "~~throw new Error('x'); //<CR>|3|7|Error: x",
            })
    void error_names_the_line_and_what_is_behind_it(String source, int line, int column, String message) {
        ScriptError error = pool.error(source.replace('~', '\n').replace("<CR>", "\r"));
        assertThat(error.message()).startsWith(message);
        assertThat(error.line()).as("%s", error).isEqualTo(line);
        assertThat(error.column()).as("%s", error).isEqualTo(column);
        assertThat(error.stack()).contains("script:" + line + ":" + column).doesNotContain("bootstrap");
    }

    @Test
    void stack_has_those_who_awaited_and_no_others() {
        ScriptError error = pool.error("async function a() { await null; throw new Error('deep'); }\n"
                + "async function b() {\n  await a(); }\nawait b();");
        assertThat(error.stack()).isEqualTo("at a (script:1:40)\nat async b (script:3:9)\nat async script:4:7");
    }

    @Test
    void stack_of_a_cause_follows() {
        ScriptError error = pool.error(
                "function inner() { return new Error('inner'); }\nthrow new Error('outer', { cause: inner() });");
        assertThat(error.stack()).isEqualTo("at script:2:7\ncaused by:\nat inner (script:1:27)\nat script:2:35");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "~await sleep(60000)|2",
                "await null;~~const x = await Promise.all([sleep(60000)])|3",
            })
    void run_past_its_time_names_the_line(String source, int line) {
        ScriptOutcome outcome = TestPool.await(
                pool.start(source.replace('~', '\n'), new TestPool.Host(), ScriptLimits.of(Duration.ofMillis(700)))
                        .completion());
        assertThat(outcome.kind()).isEqualTo(ScriptOutcome.Kind.TIMED_OUT);
        assertThat(outcome.error())
                .isNotNull()
                .satisfies(e -> assertThat(e.line()).as("%s", e).isEqualTo(line));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "~~function spin(n) {~ let i = 0;~ while (true) { i += Math.sqrt(n); } }~await null;~spin(2)|3|7",
                "~let i = 0;~for (;;) i++;|3|3",
            })
    void loop_past_its_time_names_a_line_of_it_or_of_its_caller(String source, int first, int last) {
        ScriptOutcome outcome = TestPool.await(
                pool.start(source.replace('~', '\n'), new TestPool.Host(), ScriptLimits.of(Duration.ofMillis(700)))
                        .completion());
        assertThat(outcome.kind()).isEqualTo(ScriptOutcome.Kind.TIMED_OUT);
        assertThat(outcome.error())
                .isNotNull()
                .satisfies(e -> assertThat(e.line()).as("%s", e).isBetween(first, last));
    }

    @Test
    void host_calls_past_their_limit_name_the_line() {
        ScriptOutcome outcome = TestPool.await(pool.start(
                        "\nfor (;;)\n  await state.get('k');",
                        new TestPool.Host(),
                        ScriptLimits.of(Duration.ofSeconds(10), 1000, 1000, 3))
                .completion());
        assertThat(outcome.kind()).isEqualTo(ScriptOutcome.Kind.LIMIT_EXCEEDED);
        assertThat(outcome.error()).isNotNull().satisfies(e -> assertThat(e.line())
                .isEqualTo(3));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "~import x from 'y'|2|1|A data script has no modules: 'import' cannot be used",
                "export const x = 1|1|1|A data script has no modules: 'export' cannot be used",
                "return “a”|1|8|A typographic quotation mark (“) encloses no text",
                "return ‘a’|1|8|A typographic quotation mark (‘) encloses no text",
                "~/* open|2|1|A comment begins here with /* and is not closed by */",
                "let a: number = 5|1|6|This looks like TypeScript",
                "function f(a: string) {}|1|13|This looks like TypeScript",
                "interface A { b: string }|1|1|This looks like TypeScript",
                "return 1 as any|1|10|This looks like TypeScript",
                "~await fetch('x')|2|7|There is no fetch in a data script: use await http.get",
                "~const g = () => setImmediate(1)|2|17|There is no setImmediate in a data script: use queueMicrotask or await sleep(milliseconds)",
                "const fs = require('fs')|1|12|There is no require in a data script: a data script has no modules",
                "const a\u200b = 5|1|8|The character U+200B (ZERO WIDTH SPACE) cannot stand here",
            })
    void validator_speaks_to_authors(String source, int line, int column, String message) {
        assertThat(pool.check(source.replace('~', '\n'))).singleElement().satisfies(problem -> {
            assertThat(problem.message()).startsWith(message);
            assertThat(problem.line()).isEqualTo(line);
            assertThat(problem.column()).isEqualTo(column);
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "#!/usr/bin/env node\nreturn 1",
                "const fetch = (x) => x; return fetch(1)",
                "function f({setImmediate}) { return setImmediate } return f({setImmediate: 1})",
                "setTimeout(() => 1); return new URL('http://a')",
                "return typeof fetch === 'undefined' ? 1 : fetch('x')",
                "return {fetch: 1}.fetch",
                "throw/x/.test('x') ? 1 : 2",
                "const $places = 1; throw $places",
                "return function () { return 1 }()",
            })
    void validator_leaves_alone_what_is_sound(String source) {
        assertThat(pool.check(source)).isEmpty();
    }
}

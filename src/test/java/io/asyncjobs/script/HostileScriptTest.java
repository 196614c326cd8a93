package io.asyncjobs.script;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.platform.memory.ByteBudget;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileScriptTest {

    private final TestPool pool = TestPool.start();

    @BeforeEach
    void ready() {
        pool.awaitReady(1);
    }

    @AfterAll
    void stop() {
        pool.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "while (true) {}",
                "return String(7n ** (10n ** 7n)).length;",
            })
    void script_that_does_not_end_is_timed_out_and_its_neighbour_is_on_time(String source) {
        CompletionStage<ScriptOutcome> neighbour = pool.start(
                        "let n = 0; const end = Date.now() + 1500; while (Date.now() < end) { await sleep(100); n++; } return n;",
                        new TestPool.Host(),
                        ScriptLimits.of(Duration.ofSeconds(20)))
                .completion();
        ScriptLimits limits = ScriptLimits.of(Duration.ofSeconds(1), 1 << 18, 1 << 16, Integer.MAX_VALUE);
        long start = System.nanoTime();
        ScriptOutcome outcome =
                TestPool.await(pool.start(source, new TestPool.Host(), limits).completion());
        long millis = (System.nanoTime() - start) / 1_000_000;
        assertThat(outcome.kind()).isEqualTo(ScriptOutcome.Kind.TIMED_OUT);
        assertThat(outcome.error())
                .extracting(e -> e == null ? "" : e.message())
                .asString()
                .startsWith("Limit of 1 s wall time passed");
        assertThat(millis).isBetween(1000L, 2000L);

        ScriptOutcome beside = TestPool.await(neighbour);
        assertThat(beside.kind()).as("%s", beside.error()).isEqualTo(ScriptOutcome.Kind.SUCCEEDED);
        assertThat(Integer.parseInt(String.valueOf(beside.resultJson()))).isGreaterThan(4);
        assertThat((beside.finishedNanoTime() - beside.startedNanoTime()) / 1_000_000)
                .isLessThan(3000);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "return typeof Java + typeof Packages + typeof java + typeof Polyglot + typeof Graal + typeof load + typeof print + typeof require + typeof process + typeof Atomics + typeof SharedArrayBuffer;",
                "return [log.info, state.get, sleep, console.log, params, run, log, state].map(f => typeof f.constructor.constructor('return typeof Java + typeof Graal')()).join('').replaceAll('string', '') ? 'no' : 'undefined';",
                "try { await import('/etc/passwd'); return 'read'; } catch (e) { return e.message.includes('root') ? 'read' : 'undefined'; }",
                "try { await state.get(1); } catch (e) { return typeof e.constructor.constructor('return this')().Java; }",
                "const seen = new Set(), open = [globalThis, (() => { try { null.x } catch (e) { return e; } })()];\n"
                        + "while (open.length) { const o = open.pop(); if (seen.has(o)) continue; seen.add(o);\n"
                        + "  for (const k of Reflect.ownKeys(o)) { let v; try { v = o[k]; } catch { continue; }\n"
                        + "    if (v !== null && (typeof v === 'object' || typeof v === 'function')) { open.push(v);\n"
                        + "      if (!(v instanceof Object) && Object.getPrototypeOf(v) !== null && !seen.has(v)) return 'foreign ' + String(k); } }\n"
                        + "  const p = Object.getPrototypeOf(o); if (p) open.push(p); }\n"
                        + "return 'undefined';",
            })
    void nothing_of_the_host_can_be_reached(String source) {
        ScriptOutcome outcome = pool.run(source);
        assertThat(outcome.error()).isNull();
        assertThat(String.valueOf(outcome.resultJson()).replace("undefined", ""))
                .isEqualTo("\"\"");
    }

    @Test
    void walk_over_all_that_a_script_is_given_finds_no_class_path_variable_or_secret() {
        ScriptOutcome outcome = pool.run("""
                const seen = new Set(), found = [];
                const leak = /java|graal|polyglot|asyncjobs|jdbc|PATH=|(^|[\\s"'(])\\/(tmp|usr|root|home|work|proc|etc)\\b/i;
                function look(text, where) { if (leak.test(text)) found.push(where + ': ' + text.slice(0, 80)); }
                function walk(value, where) {
                  if (typeof value === 'string') return look(value, where);
                  if (value === null || typeof value !== 'object' && typeof value !== 'function' || seen.has(value)) return;
                  seen.add(value);
                  if (typeof value === 'function') look(Function.prototype.toString.call(value), where + '()');
                  for (const key of Reflect.ownKeys(value)) {
                    const at = where + '.' + String(key);
                    const property = Reflect.getOwnPropertyDescriptor(value, key);
                    if ('value' in property) walk(property.value, at);
                    else { walk(property.get, at + '<get'); walk(property.set, at + '<set'); try { walk(value[key], at); } catch (e) { walk(e, at + '<thrown'); } }
                  }
                  walk(Reflect.getPrototypeOf(value), where + '.__proto__');
                }
                walk(globalThis, 'globalThis');
                for (const given of [params, job, run, user, log, console, state, http, sql, audit, sleep]) walk(given, 'given');
                for (const call of [() => state.get(), () => state.get('boom'), () => http.get('none', '/'), () => http.get(1), () => sql.query('none', 'select 1'), () => audit.record(), () => sleep(-1), () => log.info({ get a() { throw new Error('x'); } })]) {
                  try { walk(await call(), 'answer'); } catch (e) { walk(e, 'thrown'); look(String(e.stack), 'stack'); }
                }
                if (seen.size < 500) found.push('Not all was seen');
                return found;
                """, new SecretiveHost());

        assertThat(outcome.error()).isNull();
        assertThat(outcome.resultJson()).isEqualTo("[]");
    }

    /** Fails with what only the node may know. */
    private static final class SecretiveHost extends TestPool.Host {

        @Override
        public CompletionStage<@Nullable String> call(String function, String argumentsJson, ByteBudget.Hold memory) {
            if (argumentsJson.contains("boom")) {
                throw new IllegalStateException("jdbc:postgresql://secret");
            }
            throw new HostCallException("no such thing");
        }
    }

    @Test
    void poisoned_builtins_harm_neither_the_contract_nor_the_next_run() {
        TestPool.Host host = new TestPool.Host();
        ScriptOutcome outcome = pool.run("""
                const evil = () => { throw new Error('evil'); };
                const { ownKeys, defineProperty } = Reflect;
                const poison = Object.assign(Object.create(null), {value: evil, configurable: true});
                const targets = [Object.prototype, Array.prototype, String.prototype, Promise.prototype, Function.prototype, Map.prototype];
                for (let i = 0; i < targets.length; i++) {
                  const keys = ownKeys(targets[i]);
                  for (let k = 0; k < keys.length; k++) if (keys[k] !== 'constructor' && keys[k] !== 'length') defineProperty(targets[i], keys[k], poison);
                }
                Object.prototype.toJSON = undefined;
                JSON.stringify = JSON.parse = Reflect.apply = evil;
                globalThis.Promise = globalThis.Error = globalThis.String = globalThis.Object = evil;
                log.warn('still', {a: 1});
                await state.set('k', [1]);
                return await state.get('k');
                """, host);
        assertThat(outcome.error()).isNull();
        assertThat(outcome.resultJson()).isEqualTo("[1]");
        assertThat(host.texts()).containsExactly("still");
        assertThat(pool.run("return [1, 2].map(x => x + 1).concat(Object.keys({a: '1'.padEnd(2)}));")
                        .resultJson())
                .isEqualTo("[2,3,\"a\"]");
    }

    @Test
    void getter_on_a_thrown_error_is_not_asked() {
        ScriptOutcome outcome = pool.run(
                "const e = new Error('first'); Object.defineProperty(e, 'message', {get() { for (;;); }}); throw e;");
        assertThat(outcome.kind()).isEqualTo(ScriptOutcome.Kind.FAILED);
    }

    @Test
    void globals_of_one_run_are_unknown_to_the_next() {
        pool.run("globalThis.leak = 1; globalThis.leak2 = 2; Array.prototype.leak3 = 3;");
        assertThat(pool.run("return [typeof leak, typeof leak2, typeof [].leak3];")
                        .resultJson())
                .isEqualTo("[\"undefined\",\"undefined\",\"undefined\"]");
    }

    @Test
    void result_with_millions_of_nodes_passes_its_limit() {
        assertThat(pool.run("let r = []; for (let i = 0; i < 2 ** 20; i++) r.push({}); return r;")
                        .kind())
                .isEqualTo(ScriptOutcome.Kind.LIMIT_EXCEEDED);
    }

    @Test
    void logging_at_the_end_of_the_stack_does_not_break_the_protocol() {
        ScriptOutcome outcome = pool.run(
                "let n = 0; function f() { n++; log.info('deep'); if (n % 500 === 0) state.get('k'); f(); } for (let i = 0; i < 3; i++) try { f(); } catch (e) { if (!(e instanceof RangeError)) throw e; } return n > 100;");
        assertThat(outcome.kind())
                .isIn(ScriptOutcome.Kind.SUCCEEDED, ScriptOutcome.Kind.LIMIT_EXCEEDED, ScriptOutcome.Kind.FAILED);
        assertThat(pool.run("return 1;").kind()).isEqualTo(ScriptOutcome.Kind.SUCCEEDED);
        assertThat(pool.pool.workers()).noneMatch(WorkerView::condemned);
    }
}

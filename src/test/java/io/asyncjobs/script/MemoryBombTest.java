package io.asyncjobs.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scripts that take all the memory they can get, beside others that share their worker. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MemoryBombTest {

    private static final ScriptLimits LIMITS = ScriptLimits.of(Duration.ofSeconds(20));

    private static final String NEIGHBOUR = """
            let kept = [], n = 0;
            const end = Date.now() + 2500;
            while (Date.now() < end) { kept = Array.from({ length: 2000 }, (_, i) => ({ i })); await sleep(20); n += kept.length / 2000; }
            return n;
            """;

    private final TestPool pool = TestPool.start("spare-workers", "1");

    @BeforeEach
    void ready() {
        pool.awaitReady(2);
    }

    @AfterAll
    void stop() {
        pool.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "return new Uint8Array(2 ** 29).length;",
                "let list = null; for (;;) list = { list, pad: [1, 2, 3] };",
                "const m = new Map(); for (let i = 0; ; i++) m.set(i, { i });",
                "for (;;) { try { let a = [1]; for (;;) a = a.concat(a); } catch (e) {} }",
                "return new Array(2 ** 27).fill(0).map(i => ({ i })).length;",
                "const parts = []; for (;;) { parts.push('0123456789'.repeat(1000) + parts.length); if (parts.length % 100 === 0) JSON.stringify(parts); }",
            })
    void bomb_ends_by_its_limit_and_its_neighbours_go_on(String source) {
        List<CompletionStage<ScriptOutcome>> neighbours = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            neighbours.add(pool.start(NEIGHBOUR, new TestPool.Host(), ScriptLimits.of(Duration.ofSeconds(20)))
                    .completion());
        }

        // Time enough to fill the heap on a busy machine too: the limit that ends it is to be the memory's
        ScriptOutcome outcome = pool.run(source, new TestPool.Host(), Duration.ofSeconds(50));

        assertThat(outcome.kind()).as("%s", outcome.error()).isEqualTo(ScriptOutcome.Kind.LIMIT_EXCEEDED);
        assertThat(outcome.error())
                .extracting(e -> e == null ? "" : e.message())
                .asString()
                .contains("MiB memory passed");
        for (CompletionStage<ScriptOutcome> neighbour : neighbours) {
            ScriptOutcome beside = TestPool.await(neighbour);
            assertThat(beside.kind()).as("%s", beside.error()).isEqualTo(ScriptOutcome.Kind.SUCCEEDED);
        }
    }

    @Test
    void script_that_filled_the_heap_runs_alone_the_next_time() {
        String source = "if (!(await state.get('calm'))) { const all = []; for (;;) all.push({ a: [1] }); }\n"
                + "log.info('calm'); await sleep(10000);";
        assertThat(pool.run(source).kind()).isEqualTo(ScriptOutcome.Kind.LIMIT_EXCEEDED);
        pool.awaitReady(2);
        List<ScriptRun> neighbours = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            neighbours.add(pool.start("await sleep(10000);", new TestPool.Host(), LIMITS));
        }
        TestPool.Host calm = new TestPool.Host();
        calm.state.put("\"calm\"", "true");

        ScriptRun again = pool.start(source, calm, LIMITS);
        await().until(() -> calm.texts().contains("calm"));
        // One more neighbour, which does not join it
        neighbours.add(pool.start("await sleep(10000);", new TestPool.Host(), LIMITS));

        assertThat(pool.pool.workers()).extracting(WorkerView::inFlight).containsExactlyInAnyOrder(1, 4);
        again.cancel("seen");
        neighbours.forEach(run -> run.cancel("seen"));
        neighbours.forEach(run -> TestPool.await(run.completion()));
    }

    @Test
    void honest_script_that_makes_much_garbage_is_left_alone() {
        ScriptOutcome outcome = pool.run(
                "let sum = 0; for (let i = 0; i < 300; i++) { const a = Array.from({ length: 20000 }, (_, k) => ({ k })); sum += a.length; } return sum;");

        assertThat(outcome.kind()).as("%s", outcome.error()).isEqualTo(ScriptOutcome.Kind.SUCCEEDED);
    }
}

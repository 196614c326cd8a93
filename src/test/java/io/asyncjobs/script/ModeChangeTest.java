package io.asyncjobs.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Workers that compile replace interpreting ones under load, and no run notices. */
class ModeChangeTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final TestPool pool = TestPool.start(
            "compile-above", "0.01", "compile-warm-up", "1s", "spare-workers", "1", "slots-per-worker", "4");

    @AfterEach
    void stop() {
        pool.close();
    }

    @Test
    void runs_go_on_while_workers_are_replaced() {
        pool.awaitReady(2);
        List<WorkerView> first = pool.pool.workers();
        assertThat(first).extracting(WorkerView::mode).containsOnly(WorkerView.Mode.INTERPRETED);
        TestPool.Host host = new TestPool.Host();
        CompletionStage<ScriptOutcome> old = pool.start(
                        "while (!(await state.get('end'))) await sleep(20); return 'ended';",
                        host,
                        ScriptLimits.of(Duration.ofSeconds(120)))
                .completion();

        await("a worker that compiles replaces the interpreting ones, all but the one with a run")
                .atMost(PATIENCE)
                .until(() -> {
                    assertThat(pool.result("return [...Array(1000).keys()].map(x => x * x).length;"))
                            .isEqualTo("1000");
                    // One that retires without a run ends a moment later
                    return retiring(pool).size() == 1
                            && pool.pool.workers().stream()
                                    .filter(worker -> worker.state() == WorkerView.State.READY)
                                    .allMatch(worker -> worker.mode() == WorkerView.Mode.COMPILED);
                });

        List<WorkerView> retiring = retiring(pool);
        assertThat(retiring)
                .extracting(WorkerView::pid)
                .containsExactly(first.getFirst().pid());
        assertThat(retiring).extracting(WorkerView::inFlight).containsExactly(1);
        assertThat(pool.pool.isOutOfWorkers(Duration.ZERO)).isFalse();
        assertThat(pool.result("return 2;")).isEqualTo("2");

        host.state.put("\"end\"", "true");
        assertThat(TestPool.await(old).resultJson()).isEqualTo("\"ended\"");
        pool.awaitReady(2);
        assertThat(pool.pool.workers()).extracting(WorkerView::mode).containsOnly(WorkerView.Mode.COMPILED);
    }

    private static List<WorkerView> retiring(TestPool pool) {
        return pool.pool.workers().stream()
                .filter(worker -> worker.state() == WorkerView.State.RETIRING)
                .toList();
    }
}

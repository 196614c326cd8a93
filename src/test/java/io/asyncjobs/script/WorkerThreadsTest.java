package io.asyncjobs.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** How the runs of one worker share its threads. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WorkerThreadsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int LOOPS = 4;

    private final TestPool pool = TestPool.start("compile", "false");

    @BeforeEach
    void ready() {
        pool.awaitReady(1);
    }

    @AfterAll
    void stop() {
        pool.close();
    }

    private List<CompletionStage<ScriptOutcome>> loops(int count, Duration wallTime) {
        TestPool.Host host = new TestPool.Host();
        List<CompletionStage<ScriptOutcome>> loops = IntStream.range(0, count)
                .mapToObj(i -> pool.start("log.info('on'); for (;;);", host, ScriptLimits.of(wallTime))
                        .completion())
                .toList();
        await().atMost(PATIENCE).until(() -> host.lines.size() == count);
        return loops;
    }

    @Test
    void short_runs_do_not_wait_for_loops_that_never_end() {
        pool.run("return 1;");
        Duration wallTime = Duration.ofSeconds(4);
        List<CompletionStage<ScriptOutcome>> loops = loops(LOOPS, wallTime);
        List<Long> millis = new ArrayList<>();

        for (int i = 0; i < 20; i++) {
            long start = System.nanoTime();
            assertThat(pool.run("return 1;").kind()).isEqualTo(ScriptOutcome.Kind.SUCCEEDED);
            millis.add((System.nanoTime() - start) / 1_000_000);
        }

        Collections.sort(millis);
        assertThat(millis.get(millis.size() / 2)).as("%s", millis).isLessThan(100);
        assertThat(loops).noneMatch(loop -> loop.toCompletableFuture().isDone());
        for (CompletionStage<ScriptOutcome> loop : loops) {
            ScriptOutcome outcome = TestPool.await(loop);
            assertThat(outcome.kind()).isEqualTo(ScriptOutcome.Kind.TIMED_OUT);
            assertThat(Duration.ofNanos(outcome.finishedNanoTime() - outcome.startedNanoTime()))
                    .isBetween(wallTime, wallTime.plusSeconds(1));
        }
    }

    @Test
    void loops_in_all_places_but_one_leave_that_one_to_the_others() {
        List<CompletionStage<ScriptOutcome>> loops = loops(pool.pool.capacity() - 1, Duration.ofSeconds(3));

        assertThat(pool.run("await sleep(10); return (await state.get('k')) ?? 1;")
                        .resultJson())
                .isEqualTo("1");

        for (CompletionStage<ScriptOutcome> loop : loops) {
            assertThat(TestPool.await(loop).kind()).isEqualTo(ScriptOutcome.Kind.TIMED_OUT);
        }
    }

    @Test
    void runs_that_wait_hold_no_thread() {
        TestPool.Host host = new TestPool.Host();
        List<CompletionStage<ScriptOutcome>> waiting = IntStream.range(0, pool.pool.capacity() - 1)
                .mapToObj(i -> pool.start(
                                "log.info('on'); while (!(await state.get('end'))) await sleep(5); return 1;",
                                host,
                                ScriptLimits.of(PATIENCE))
                        .completion())
                .toList();
        await().atMost(PATIENCE).until(() -> host.lines.size() == waiting.size());

        assertThat(pool.run("return 1;").resultJson()).isEqualTo("1");

        host.state.put("\"end\"", "true");
        waiting.forEach(run -> assertThat(TestPool.await(run).resultJson()).isEqualTo("1"));
    }
}

package io.asyncjobs.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to runs between the loss of a worker and its replacement, which here is started when the test says so. */
class WorkerReplacementTest {

    private static final ScriptLimits LIMITS = ScriptLimits.of(Duration.ofSeconds(20));
    private static final ScriptLimits SHORT = ScriptLimits.of(Duration.ofSeconds(1));
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String UNSTOPPABLE = "return String(7n ** (10n ** 7n)).length;";

    @TempDir
    Path directory;

    private @Nullable TestPool pool;

    @BeforeEach
    void makeJava() throws IOException {
        // Starts a worker only while there is no gate
        Path java = java();
        Files.writeString(
                java,
                "#!/bin/sh\nwhile [ -e '%s' ]; do sleep 0.05; done\nexec '%s' \"$@\"\n"
                        .formatted(gate(), Path.of(System.getProperty("java.home"), "bin", "java")));
        assertThat(java.toFile().setExecutable(true)).isTrue();
    }

    @AfterEach
    void stop() throws IOException {
        Files.deleteIfExists(gate());
        if (pool != null) {
            pool.close();
        }
    }

    private Path java() {
        return directory.resolve("java");
    }

    private Path gate() {
        return directory.resolve("gate");
    }

    /** A pool whose workers are ready and whose next ones wait for {@link #openGate}. */
    private TestPool poolOf(int workers) throws IOException {
        TestPool started = TestPool.start(
                "java", java().toString(), "compile", "false", "spare-workers", Integer.toString(workers - 1));
        pool = started;
        started.awaitReady(workers);
        Files.createFile(gate());
        return started;
    }

    private void openGate() throws IOException {
        Files.delete(gate());
    }

    private static List<Long> pids(TestPool pool, WorkerView.State state) {
        return pool.pool.workers().stream()
                .filter(worker -> worker.state() == state)
                .map(WorkerView::pid)
                .toList();
    }

    private static ScriptOutcome runUnstoppable(TestPool pool, String comment) {
        return pool.run(UNSTOPPABLE + "//" + comment, new TestPool.Host(), Duration.ofSeconds(1));
    }

    @Test
    void worker_with_a_run_that_cannot_be_stopped_takes_runs_until_another_is_ready() throws IOException {
        TestPool one = poolOf(1);
        List<Long> first = pids(one, WorkerView.State.READY);
        TestPool.Host host = new TestPool.Host();
        CompletionStage<ScriptOutcome> neighbour = one.start(
                        "log.info('on'); while (!(await state.get('end'))) await sleep(20); return 'ended';",
                        host,
                        LIMITS)
                .completion();

        assertThat(runUnstoppable(one, "").kind()).isEqualTo(ScriptOutcome.Kind.TIMED_OUT);

        assertThat(pids(one, WorkerView.State.CONDEMNED)).isEqualTo(first);
        assertThat(one.pool.freeSlots()).isPositive();
        assertThat(one.run("return 1;").resultJson()).isEqualTo("1");
        openGate();
        await().atMost(PATIENCE).until(() -> pids(one, WorkerView.State.READY).size() == 1);
        assertThat(one.run("return 2;").resultJson()).isEqualTo("2");
        assertThat(one.pool.workers())
                .filteredOn(WorkerView::condemned)
                .as("kept for its neighbour's sake")
                .extracting(WorkerView::inFlight)
                .containsExactly(1);
        host.state.put("\"end\"", "true");
        assertThat(TestPool.await(neighbour).resultJson()).isEqualTo("\"ended\"");
        one.awaitReady(1);
        assertThat(pids(one, WorkerView.State.READY)).doesNotContainAnyElementsOf(first);
    }

    @Test
    void worker_that_stands_in_is_kept_while_it_is_empty() throws IOException {
        TestPool one = poolOf(1);
        List<Long> first = pids(one, WorkerView.State.READY);

        runUnstoppable(one, "");
        for (int i = 0; i < 3; i++) {
            assertThat(one.run("return 1;").resultJson()).isEqualTo("1");
        }

        assertThat(pids(one, WorkerView.State.CONDEMNED)).isEqualTo(first);
        openGate();
        one.awaitReady(1);
    }

    @Test
    void workers_lost_one_after_the_other_leave_one_to_work() throws IOException {
        TestPool two = poolOf(2);

        for (int i = 0; i < 3; i++) {
            assertThat(runUnstoppable(two, Integer.toString(i)).kind()).isEqualTo(ScriptOutcome.Kind.TIMED_OUT);
            assertThat(two.run("return 1;").resultJson()).isEqualTo("1");
        }

        openGate();
        two.awaitReady(2);
    }

    @Test
    void worker_that_does_not_answer_takes_no_run() throws Exception {
        TestPool one = poolOf(1);
        long pid = pids(one, WorkerView.State.READY).getFirst();
        TestPool.Host host = new TestPool.Host();
        CompletionStage<ScriptOutcome> frozen =
                one.start("log.info('on'); for (;;);", host, SHORT).completion();
        await().atMost(PATIENCE).until(() -> !host.lines.isEmpty());
        assertThat(new ProcessBuilder("kill", "-STOP", Long.toString(pid))
                        .start()
                        .waitFor())
                .isZero();

        assertThat(TestPool.await(frozen).kind()).isEqualTo(ScriptOutcome.Kind.TIMED_OUT);

        assertThat(one.pool.freeSlots()).isZero();
        CompletionStage<ScriptOutcome> next =
                one.start("return 1;", new TestPool.Host(), LIMITS).completion();
        await("it is killed").atMost(PATIENCE).until(() -> one.pool.workers().stream()
                .noneMatch(worker -> worker.pid() == pid));
        openGate();
        assertThat(TestPool.await(next).resultJson()).isEqualTo("1");
    }

    @Test
    void script_that_harmed_its_worker_does_not_take_the_last_one_from_the_others() throws IOException {
        TestPool two = poolOf(2);
        runUnstoppable(two, "");
        await().atMost(PATIENCE)
                .until(() -> pids(two, WorkerView.State.CONDEMNED).isEmpty());

        CompletionStage<ScriptOutcome> again =
                two.start(UNSTOPPABLE + "//", new TestPool.Host(), SHORT).completion();
        assertThat(two.run("return 1;").resultJson()).isEqualTo("1");
        assertThat(two.pool.workers())
                .filteredOn(worker -> worker.state() == WorkerView.State.READY)
                .extracting(WorkerView::inFlight)
                .as("it waits")
                .containsExactly(0);

        openGate();
        assertThat(TestPool.await(again).kind()).isEqualTo(ScriptOutcome.Kind.TIMED_OUT);
        two.awaitReady(2);
    }
}

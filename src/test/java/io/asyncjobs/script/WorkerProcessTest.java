package io.asyncjobs.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.asyncjobs.script.worker.Frame;
import io.asyncjobs.script.worker.RunInput;
import io.asyncjobs.script.worker.ToWorker;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WorkerProcessTest {

    private static final ScriptLimits LIMITS = ScriptLimits.of(Duration.ofSeconds(20));

    private final TestPool pool = TestPool.start("slots-per-worker", "4", "compile", "false");

    @BeforeEach
    void ready() {
        pool.awaitReady(1);
    }

    @AfterAll
    void stop() {
        pool.close();
    }

    private static String message(ScriptOutcome outcome) {
        return outcome.error() == null ? "" : outcome.error().message();
    }

    @Test
    void killed_worker_loses_its_run_and_is_replaced() {
        long pid = pool.pool.workers().getFirst().pid();
        TestPool.Host host = new TestPool.Host();
        CompletionStage<ScriptOutcome> run =
                pool.start("log.info('on'); await sleep(15000);", host, LIMITS).completion();
        Awaitility.await().until(() -> !host.lines.isEmpty());
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
        ScriptOutcome outcome = TestPool.await(run);
        assertThat(outcome.kind()).isEqualTo(ScriptOutcome.Kind.LOST);
        assertThat(message(outcome)).isEqualTo("The worker process died under the run: killed by signal 9");
        // Waits for the replacement
        assertThat(pool.run("return 1;").resultJson()).isEqualTo("1");
        assertThat(pool.pool.workers().getFirst().pid()).isNotEqualTo(pid);
    }

    @Test
    void heap_that_a_script_fills_is_its_own_limit() {
        ScriptOutcome outcome = pool.run(
                "const a = []; for (;;) try { a.push('x'.repeat(1e6) + a.length, new Array(1e5).fill(a.length)); } catch {}");
        assertThat(outcome.kind()).isEqualTo(ScriptOutcome.Kind.LIMIT_EXCEEDED);
        assertThat(pool.run("return 1;").resultJson()).isEqualTo("1");
    }

    @Test
    void runs_past_the_capacity_are_refused() {
        List<ScriptRun> runs = new ArrayList<>();
        for (int i = 0; i < 2 * pool.pool.capacity(); i++) {
            runs.add(pool.start("await sleep(15000);", new TestPool.Host(), LIMITS));
        }
        assertThat(pool.pool.inFlight()).isEqualTo(2 * pool.pool.capacity());
        assertThatThrownBy(() -> pool.start("", new TestPool.Host(), LIMITS)).isInstanceOf(RejectedRunException.class);
        runs.forEach(run -> run.cancel("enough"));
        for (ScriptRun run : runs) {
            ScriptOutcome outcome = TestPool.await(run.completion());
            assertThat(outcome.kind()).isEqualTo(ScriptOutcome.Kind.CANCELLED);
            assertThat(message(outcome)).isEqualTo("enough");
        }
        assertThat(pool.pool.inFlight()).isZero();
    }

    @Test
    void all_runs_can_be_lost_and_their_workers_go_on() {
        List<Long> before = pool.pool.workers().stream().map(WorkerView::pid).toList();
        List<CompletionStage<ScriptOutcome>> runs = new ArrayList<>();
        for (String script : List.of("for (;;);", "await sleep(15000);", "for (;;) await null;")) {
            runs.add(pool.start(script, new TestPool.Host(), LIMITS).completion());
        }

        pool.pool.loseAll("The node lost contact with the database");

        for (CompletionStage<ScriptOutcome> run : runs) {
            ScriptOutcome outcome = TestPool.await(run);
            assertThat(outcome.kind()).isEqualTo(ScriptOutcome.Kind.LOST);
            assertThat(message(outcome)).startsWith("The node lost contact with the database");
        }
        assertThat(pool.run("return 1;").resultJson()).isEqualTo("1");
        assertThat(pool.pool.workers().stream().map(WorkerView::pid)).containsAll(before);
    }

    @Test
    void stopped_pool_cancels_runs_leaves_no_process_and_starts_again() {
        TestPool other = TestPool.start("compile", "false").awaitReady(1);
        long pid = other.pool.workers().getFirst().pid();
        CompletionStage<ScriptOutcome> run =
                other.start("for (;;);", new TestPool.Host(), LIMITS).completion();
        other.pool.start();
        other.pool.stop();
        other.pool.stop();
        assertThat(TestPool.await(run).kind()).isEqualTo(ScriptOutcome.Kind.CANCELLED);
        Awaitility.await()
                .until(() ->
                        ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
        assertThatThrownBy(() -> other.start("", new TestPool.Host(), LIMITS)).isInstanceOf(RejectedRunException.class);
        other.pool.start();
        assertThat(other.run("return 1;").resultJson()).isEqualTo("1");
        other.close();
    }

    @Test
    void spare_takes_over_from_a_lost_worker_before_its_replacement_is_there() {
        TestPool other =
                TestPool.start("spare-workers", "1", "compile", "false").awaitReady(2);
        try {
            List<Long> first =
                    other.pool.workers().stream().map(WorkerView::pid).toList();
            ProcessHandle.of(first.getFirst()).orElseThrow().destroyForcibly();
            Awaitility.await()
                    .until(() -> other.pool.workers().stream().noneMatch(worker -> worker.pid() == first.getFirst()));

            assertThat(other.pool.freeSlots()).as("free slots at once").isPositive();
            assertThat(other.run("return 1;").resultJson()).isEqualTo("1");
            other.awaitReady(2);
            assertThat(other.pool.workers().getFirst().pid()).isEqualTo(first.getLast());
        } finally {
            other.close();
        }
    }

    @Test
    void interpreted_worker_keeps_the_contract(@TempDir Path directory) throws Exception {
        // A JVM that refuses to start with what compilation needs
        Path java = directory.resolve("java");
        Files.writeString(
                java,
                "#!/bin/sh\ncase \"$*\" in *EnableJVMCI*) echo 'no JVMCI here' >&2; exit 1;; esac\nexec "
                        + Path.of(System.getProperty("java.home"), "bin", "java") + " \"$@\"\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        TestPool other = TestPool.start("java", java.toString()).awaitReady(1);
        try {
            assertThat(other.pool.workers().getFirst().mode()).isEqualTo(WorkerView.Mode.INTERPRETED);
            assertThat(other.run("return await (async () => 1)();").resultJson())
                    .isEqualTo("1");
        } finally {
            other.close();
        }
    }

    @Test
    void pool_is_out_of_workers_where_none_can_be_started() {
        pool.awaitReady(1);
        assertThat(pool.pool.isOutOfWorkers(Duration.ZERO)).isFalse();
        TestPool other = TestPool.start("java", "there-is-none");
        try {
            assertThat(other.pool.isOutOfWorkers(Duration.ofHours(1))).isTrue();
        } finally {
            other.close();
        }
    }

    @Test
    void worker_ends_when_its_standard_input_does_also_while_a_script_spins(@TempDir Path directory) throws Exception {
        Process process = WorkerCommand.of(TestPool.config()).start(directory, true);
        try (OutputStream in = process.getOutputStream()) {
            var out = Frame.input(process.getInputStream());
            // READY
            assertThat(Frame.read(out)).isNotNull();
            new ToWorker.Run(
                            1,
                            "digest",
                            "log.info('on'); for (;;);",
                            true,
                            new RunInput("{}", "{}", 1000, 1000, 10, 1000, 1000))
                    .frame()
                    .writeTo(in);
            in.flush();
            // LOG
            assertThat(Frame.read(out)).isNotNull();
        }
        assertThat(process.waitFor(5, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void worker_begins_with_the_classes_that_were_kept_when_it_was_built(boolean compile, @TempDir Path directory)
            throws Exception {
        Process process = WorkerCommand.of(TestPool.config()).start(directory, compile);
        assertThat(process.info().arguments().orElseThrow())
                .anySatisfy(option -> assertThat(option).startsWith("-XX:AOTCache="));
        try (OutputStream ignored = process.getOutputStream()) {
            assertThat(Frame.read(Frame.input(process.getInputStream()))).isNotNull();
        }
        assertThat(process.waitFor(5, TimeUnit.SECONDS)).isTrue();
        // A JVM that cannot use them says why, and does without
        assertThat(process.errorReader().lines()).isEmpty();
    }
}

package io.asyncjobs.script;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.platform.memory.ByteBudget;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A pool with real worker processes, and a host that keeps state and log in memory. */
final class TestPool implements AutoCloseable {

    static final String CONTEXT =
            "{\"job\":{\"id\":\"j1\",\"name\":\"Närrisch\"},\"run\":{\"id\":\"r1\"},\"user\":null}";

    final ScriptPool pool;

    private TestPool(ScriptPool pool) {
        this.pool = pool;
    }

    static TestPool start(String... keysAndValues) {
        ScriptPool pool = new ScriptPool(config(keysAndValues));
        pool.start();
        return new TestPool(pool);
    }

    static ScriptConfig config(String... keysAndValues) {
        SmallRyeConfigBuilder builder =
                new SmallRyeConfigBuilder().addDiscoveredConverters().withMapping(ScriptConfig.class);
        // A test says itself when it wants one
        builder.withDefaultValue("asyncjobs.script.spare-workers", "0");
        builder.withDefaultValue("asyncjobs.script.compile-above", "0");
        for (int i = 0; i < keysAndValues.length; i += 2) {
            builder.withDefaultValue("asyncjobs.script." + keysAndValues[i], keysAndValues[i + 1]);
        }
        return builder.build().getConfigMapping(ScriptConfig.class);
    }

    /** Waits until all workers that should be ready are, and none lingers. */
    TestPool awaitReady(int workers) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(10))
                .untilAsserted(() -> assertThat(pool.workers())
                        .hasSize(workers)
                        .allMatch(worker -> worker.state() == WorkerView.State.READY));
        return this;
    }

    ScriptOutcome run(String source) {
        return run(source, new Host(), Duration.ofSeconds(20));
    }

    ScriptOutcome run(String source, HostFunctions host) {
        return run(source, host, Duration.ofSeconds(20));
    }

    ScriptOutcome run(String source, HostFunctions host, Duration wallTime) {
        return await(start(source, host, ScriptLimits.of(wallTime)).completion());
    }

    ScriptRun start(String source, HostFunctions host, ScriptLimits limits) {
        return pool.start(new ScriptRequest(ScriptSource.of(source), "{}", CONTEXT, limits), host);
    }

    /** What a script returns that succeeds. */
    @Nullable
    String result(String source) {
        ScriptOutcome outcome = run(source);
        assertThat(outcome.kind()).as("%s", outcome.error()).isEqualTo(ScriptOutcome.Kind.SUCCEEDED);
        return outcome.resultJson();
    }

    /** What a script fails with. */
    ScriptError error(String source) {
        return error(run(source));
    }

    static ScriptError error(ScriptOutcome outcome) {
        assertThat(outcome.kind()).as("%s", outcome.resultJson()).isEqualTo(ScriptOutcome.Kind.FAILED);
        if (outcome.error() == null) {
            throw new AssertionError("no error");
        }
        return outcome.error();
    }

    /** With parameters. */
    ScriptOutcome run(String source, boolean strict, String parametersJson) {
        ScriptRequest request = new ScriptRequest(
                ScriptSource.of(source), strict, parametersJson, CONTEXT, ScriptLimits.of(Duration.ofSeconds(10)));
        return await(pool.start(request, new Host()).completion());
    }

    List<ScriptProblem> check(String source) {
        return await(pool.check(List.of(source))).getFirst();
    }

    static <T> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        pool.stop();
    }

    /** Keeps what a script logs, and its state. */
    static class Host implements HostFunctions {

        final Queue<LogLine> lines = new ConcurrentLinkedQueue<>();
        final Map<String, String> state = new ConcurrentHashMap<>();

        @Override
        public void log(LogLine line) {
            lines.add(line);
        }

        @Override
        public CompletionStage<@Nullable String> call(String function, String argumentsJson, ByteBudget.Hold memory) {
            String body = argumentsJson.substring(1, argumentsJson.length() - 1);
            int comma = body.indexOf(',');
            String key = comma < 0 ? body : body.substring(0, comma);
            return switch (function) {
                case "state.get" -> CompletableFuture.completedStage(state.get(key));
                case "state.set" -> {
                    state.put(key, body.substring(comma + 1));
                    yield CompletableFuture.completedStage(null);
                }
                case "state.delete" -> {
                    state.remove(key);
                    yield CompletableFuture.completedStage(null);
                }
                case "state.keys" -> CompletableFuture.completedStage("[" + String.join(",", state.keySet()) + "]");
                default -> throw new HostCallException("no such function");
            };
        }

        List<String> texts() {
            return lines.stream().map(LogLine::text).toList();
        }
    }
}

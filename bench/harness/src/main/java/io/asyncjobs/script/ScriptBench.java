package io.asyncjobs.script;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.bench.BareLoop;
import io.asyncjobs.platform.memory.ByteBudget;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code bench scripts}: runs a second through the whole pool (frames, worker process, fresh context) beside the same script
 * in a bare loop in a JVM with the same options, both per core that was used; and how long the first run of a new
 * script takes in a warm worker.
 */
public final class ScriptBench {

    private static final int IN_FLIGHT = 8;
    private static final int FIRST_RUNS = 100;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String CONTEXT =
            "{\"job\":{\"id\":\"j\",\"name\":\"bench\"},\"run\":{\"id\":\"r\"},\"user\":null}";

    private static final Map<String, String> SCRIPTS = Map.of(
            "trivial", "return 1;",
            "data", """
                    const records = [];
                    let seed = 42;
                    for (let i = 0; i < 2000; i++) {
                      seed = (seed * 1103515245 + 12345) % 2147483648;
                      records.push({ id: i, site: 'S' + seed % 17, age: seed % 90, open: seed % 3 === 0 });
                    }
                    const groups = new Map();
                    for (const r of records) {
                      if (!groups.has(r.site)) groups.set(r.site, []);
                      groups.get(r.site).push(r);
                    }
                    const report = [...groups].map(([site, all]) => ({
                      site, open: all.filter(r => r.open).length, oldest: all.sort((a, b) => b.age - a.age)[0],
                    })).sort((a, b) => b.open - a.open);
                    return JSON.parse(JSON.stringify(report)).length;
                    """);

    /** Runs, and the processor time they took. */
    private record Measured(long runs, double seconds, double cpuSeconds) {

        double perSecond() {
            return runs / seconds;
        }

        double perCore() {
            return runs / cpuSeconds;
        }
    }

    private ScriptBench() {}

    /** Measures for so many seconds each and prints a table; with a file, the numbers go there as JSON too. */
    public static void run(int warmUpSeconds, int seconds, @Nullable Path jsonFile, PrintStream out)
            throws IOException, InterruptedException {
        ScriptConfig config = new SmallRyeConfigBuilder()
                .addDefaultSources()
                .addDiscoveredConverters()
                .withMapping(ScriptConfig.class)
                .withDefaultValue("asyncjobs.script.spare-workers", "0")
                // Compiled scripts are measured, as they run under load
                .withDefaultValue("asyncjobs.script.compile-above", "0")
                .build()
                .getConfigMapping(ScriptConfig.class);
        ObjectMapper json = new ObjectMapper();
        ObjectNode numbers = json.createObjectNode();
        out.printf("%d s each after %d s of warm-up, %d runs in flight%n", seconds, warmUpSeconds, IN_FLIGHT);
        out.println("script    pool runs/s  per core   bare runs/s  per core   ratio per core");
        ScriptPool pool = new ScriptPool(config);
        pool.start();
        try {
            awaitReady(pool);
            for (String name : List.of("trivial", "data")) {
                String script = SCRIPTS.get(name);
                if (script == null) {
                    throw new IllegalStateException(name);
                }
                throughPool(pool, script, warmUpSeconds);
                Measured whole = throughPool(pool, script, seconds);
                Measured bare = bare(config, script, warmUpSeconds, seconds);
                double ratio = whole.perCore() / bare.perCore();
                out.printf(
                        "%-9s %11.0f %9.0f %13.0f %9.0f %16.2f%n",
                        name, whole.perSecond(), whole.perCore(), bare.perSecond(), bare.perCore(), ratio);
                numbers.putObject(name)
                        .put("poolRunsPerSecond", whole.perSecond())
                        .put("poolRunsPerCore", whole.perCore())
                        .put("bareRunsPerSecond", bare.perSecond())
                        .put("bareRunsPerCore", bare.perCore())
                        .put("ratioPerCore", ratio);
            }
            List<Double> first = firstRuns(pool);
            double median = first.get(first.size() / 2);
            double slowest = first.getLast();
            out.printf(
                    "first run of a new script: median %.1f ms, slowest of %d %.1f ms%n", median, FIRST_RUNS, slowest);
            numbers.putObject("firstRunMillis").put("median", median).put("max", slowest);
        } finally {
            pool.stop();
        }
        if (jsonFile != null) {
            Files.writeString(jsonFile, numbers.toPrettyString() + "\n");
        }
    }

    private static Measured throughPool(ScriptPool pool, String script, int seconds) throws InterruptedException {
        ScriptSource source = ScriptSource.of(script);
        Semaphore places = new Semaphore(IN_FLIGHT);
        AtomicLong runs = new AtomicLong();
        AtomicReference<@Nullable ScriptError> failure = new AtomicReference<>();
        ProcessHandle worker = ProcessHandle.of(pool.workers().getFirst().pid()).orElseThrow();
        double cpu = cpuSeconds(worker) + cpuSeconds(ProcessHandle.current());
        long start = System.nanoTime();
        long end = start + Duration.ofSeconds(seconds).toNanos();
        while (System.nanoTime() < end) {
            places.acquire();
            var unused = start(pool, source).thenAccept(outcome -> {
                failure.compareAndSet(null, outcome.error());
                runs.incrementAndGet();
                places.release();
            });
        }
        places.acquire(IN_FLIGHT);
        double took = (System.nanoTime() - start) / 1e9;
        double used = cpuSeconds(worker) + cpuSeconds(ProcessHandle.current()) - cpu;
        ScriptError error = failure.get();
        if (error != null) {
            throw new IllegalStateException("A run failed: " + error);
        }
        return new Measured(runs.get(), took, used);
    }

    private static Measured bare(ScriptConfig config, String script, int warmUpSeconds, int seconds)
            throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("asyncjobs-bench-");
        Process process = WorkerCommand.start(
                directory,
                bareLoop(
                        WorkerCommand.of(config).line(directory, config.compile()),
                        Integer.toString(Runtime.getRuntime().availableProcessors()),
                        Integer.toString(warmUpSeconds),
                        Integer.toString(seconds)));
        try (OutputStream in = process.getOutputStream()) {
            in.write(script.getBytes(StandardCharsets.UTF_8));
        }
        try (BufferedReader said = process.inputReader()) {
            if (!"warm".equals(said.readLine())) {
                throw new IOException("The bare loop failed: "
                        + new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
            }
            double cpu = cpuSeconds(process.toHandle());
            long start = System.nanoTime();
            // The process may be gone once it has printed: its time is read while it works, shortly before its end
            double used = 0;
            while (process.isAlive() && !said.ready()) {
                used = cpuSeconds(process.toHandle()) - cpu;
                Thread.sleep(5);
            }
            String runs = said.readLine();
            double took = (System.nanoTime() - start) / 1e9;
            process.waitFor();
            if (runs == null) {
                throw new IOException("The bare loop ended without a number");
            }
            return new Measured(Long.parseLong(runs), took, used);
        } finally {
            process.destroyForcibly().waitFor();
            delete(directory);
        }
    }

    /** The command line of a worker, with the bare loop in the worker's place. */
    private static List<String> bareLoop(List<String> worker, String... arguments) {
        List<String> line = new ArrayList<>(worker.subList(0, worker.size() - 1));
        String classes = Path.of(URI.create(BareLoop.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toString()))
                .toString();
        // The class path is the last of the JVM's options
        line.add(line.removeLast() + File.pathSeparator + classes);
        line.add(BareLoop.class.getName());
        line.addAll(List.of(arguments));
        return line;
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static List<Double> firstRuns(ScriptPool pool) {
        List<Double> millis = new ArrayList<>();
        for (int i = 0; i < FIRST_RUNS; i++) {
            ScriptSource fresh = ScriptSource.of("// " + i + "\n" + SCRIPTS.get("data"));
            long start = System.nanoTime();
            start(pool, fresh).toCompletableFuture().join();
            millis.add((System.nanoTime() - start) / 1e6);
        }
        Collections.sort(millis);
        return millis;
    }

    private static CompletionStage<ScriptOutcome> start(ScriptPool pool, ScriptSource source) {
        return pool.start(
                        new ScriptRequest(source, "{}", CONTEXT, ScriptLimits.of(Duration.ofSeconds(60))), new NoHost())
                .completion();
    }

    private static void awaitReady(ScriptPool pool) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (pool.freeSlots() == 0) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("No worker is ready");
            }
            Thread.sleep(50);
        }
    }

    private static double cpuSeconds(ProcessHandle process) {
        return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
    }

    /** These scripts call nothing. */
    private static final class NoHost implements HostFunctions {

        @Override
        public void log(LogLine line) {}

        @Override
        public CompletionStage<@Nullable String> call(String function, String argumentsJson, ByteBudget.Hold memory) {
            return CompletableFuture.completedFuture(null);
        }
    }
}

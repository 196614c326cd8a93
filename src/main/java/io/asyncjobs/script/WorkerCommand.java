package io.asyncjobs.script;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The command line of a worker.
 *
 * @param cached whether it takes its classes from the cache where there is one
 * @param java the JVM that was asked for; empty for the one that was linked for workers, or else the node's own
 */
record WorkerCommand(Optional<Path> java, Path directory, String heap, boolean cached) {

    private static final String DEFAULT_HEAP = "384m";

    /** Where Linux tells who gets huge pages; a JVM elsewhere knows no such option. */
    private static final Path HUGE_PAGES = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");

    static WorkerCommand of(ScriptConfig config) {
        return new WorkerCommand(config.java(), config.workerDirectory().toAbsolutePath(), config.workerHeap(), true);
    }

    /** With what {@link ScriptConfig} says unless it is told otherwise. */
    static WorkerCommand in(Path directory) {
        return new WorkerCommand(Optional.empty(), directory, DEFAULT_HEAP, true);
    }

    /** The same, loading all classes anew. */
    WorkerCommand uncached() {
        return new WorkerCommand(java, directory, heap, false);
    }

    /** Where the runtime is that was linked for workers, if there is one; see {@link WorkerImage}. */
    Path runtime() {
        return directory.resolve("runtime");
    }

    /** Where that runtime finds the classes of a worker as it has linked them before, if it does. */
    Path cache(boolean compile) {
        return directory.resolve(compile ? "compiled.aot" : "interpreted.aot");
    }

    /** Starts a worker in an empty directory, with nothing of the node's environment. */
    Process start(Path emptyDirectory, boolean compile) throws IOException {
        return start(emptyDirectory, line(emptyDirectory, compile));
    }

    /** Starts a worker that writes the cache when it ends. */
    Process startTraining(Path emptyDirectory, boolean compile, Path cache) throws IOException {
        List<String> line = uncached().line(emptyDirectory, compile);
        // Classes that are linked before the JVM is up have crashed it, and gain nothing here
        line.addAll(1, List.of("-XX:AOTCacheOutput=" + cache, "-XX:-AOTClassLinking"));
        return start(emptyDirectory, line);
    }

    static Process start(Path emptyDirectory, List<String> line) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(line).directory(emptyDirectory.toFile());
        builder.environment().clear();
        // Without a locale the JVM could not read a class path with an umlaut in it
        builder.environment().put("LC_ALL", "C.UTF-8");
        return builder.start();
    }

    List<String> line(Path emptyDirectory, boolean compile) throws IOException {
        boolean linked = java.isEmpty() && Files.exists(runtime());
        Path home = linked ? runtime() : Path.of(System.getProperty("java.home"));
        List<String> line = new ArrayList<>(List.of(
                java.orElse(home.resolve("bin").resolve("java")).toString(),
                "-Xmx" + heap,
                // Start small and give back: many workers are idle most of the time
                "-Xms16m",
                "-XX:+UseSerialGC",
                // The code of scripts is in the old generation for long; what a run makes dies young
                "-XX:NewRatio=4",
                "-XX:MinHeapFreeRatio=20",
                "-XX:MaxHeapFreeRatio=40",
                // With this collector counted loops have no safepoint otherwise, and one script could stop all others
                "-XX:+UseCountedLoopSafepoints",
                "-XX:LoopStripMiningIter=1000",
                "-XX:-UsePerfData",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:+DisableAttachMechanism",
                // Standard output is for frames
                "-XX:+DisplayVMOutputToStderr",
                "-Xlog:disable",
                "-Xlog:all=error:stderr",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                // What a script says of a time is the same on every node
                "-Duser.timezone=UTC",
                "-Djava.io.tmpdir=" + emptyDirectory,
                "-Duser.home=" + emptyDirectory,
                "-Dpolyglot.engine.WarnInterpreterOnly=false"));
        if (Files.exists(HUGE_PAGES)) {
            // Each run lays out thousands of objects anew
            line.add("-XX:+UseTransparentHugePages");
        }
        if (cached && linked && Files.exists(cache(compile))) {
            line.add("-XX:AOTCache=" + cache(compile));
        }
        if (compile) {
            line.addAll(List.of(
                    "-XX:+UnlockExperimentalVMOptions",
                    "-XX:+EnableJVMCI",
                    "-XX:-UseJVMCICompiler",
                    // A JDK has an empty module of that name; where it is to be replaced, no cache can be used
                    linked ? "--module-path" : "--upgrade-module-path",
                    directory.resolve("compiler").toString(),
                    "--add-modules=jdk.graal.compiler"));
        }
        line.add("-cp");
        line.add(classPath(compile));
        line.add("io.asyncjobs.script.worker.Worker");
        return line;
    }

    private String classPath(boolean compile) throws IOException {
        try (Stream<Path> jars = Files.list(directory.resolve("lib"))) {
            return jars.filter(jar -> jar.toString().endsWith(".jar"))
                    // The optimising runtime fails without its compiler; without the runtime the interpreter is used
                    .filter(jar -> compile || !jar.getFileName().toString().startsWith("truffle-runtime-"))
                    .sorted()
                    .map(Path::toString)
                    .collect(Collectors.joining(File.pathSeparator));
        }
    }
}

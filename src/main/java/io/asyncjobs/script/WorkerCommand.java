package io.asyncjobs.script;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The command line of a worker. */
record WorkerCommand(Path java, Path directory, String heap) {

    /** Where Linux tells who gets huge pages; a JVM elsewhere knows no such option. */
    private static final Path HUGE_PAGES = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");

    static WorkerCommand of(ScriptConfig config) {
        return new WorkerCommand(
                config.java().orElseGet(() -> Path.of(System.getProperty("java.home"), "bin", "java")),
                config.workerDirectory().toAbsolutePath(),
                config.workerHeap());
    }

    /** Starts a worker in an empty directory, with nothing of the node's environment. */
    Process start(Path emptyDirectory, boolean compile) throws IOException {
        return start(emptyDirectory, line(emptyDirectory, compile, "Worker"));
    }

    /** Starts the benchmark's loop in a JVM like a worker's. */
    Process startBareLoop(Path emptyDirectory, boolean compile, String... arguments) throws IOException {
        List<String> line = line(emptyDirectory, compile, "BareLoop");
        line.addAll(List.of(arguments));
        return start(emptyDirectory, line);
    }

    private static Process start(Path emptyDirectory, List<String> line) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(line).directory(emptyDirectory.toFile());
        builder.environment().clear();
        // Without a locale the JVM could not read a class path with an umlaut in it
        builder.environment().put("LC_ALL", "C.UTF-8");
        return builder.start();
    }

    private List<String> line(Path emptyDirectory, boolean compile, String mainClass) throws IOException {
        List<String> line = new ArrayList<>(List.of(
                java.toString(),
                "-Xmx" + heap,
                // Start small and give back: many workers are idle most of the time
                "-Xms16m",
                "-XX:+UseSerialGC",
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
                "-Djava.io.tmpdir=" + emptyDirectory,
                "-Duser.home=" + emptyDirectory,
                "-Dpolyglot.engine.WarnInterpreterOnly=false"));
        if (Files.exists(HUGE_PAGES)) {
            // Each run lays out thousands of objects anew
            line.add("-XX:+UseTransparentHugePages");
        }
        if (compile) {
            line.addAll(List.of(
                    "-XX:+UnlockExperimentalVMOptions",
                    "-XX:+EnableJVMCI",
                    "-XX:-UseJVMCICompiler",
                    "--upgrade-module-path",
                    directory.resolve("compiler").toString(),
                    "--add-modules=jdk.graal.compiler"));
        }
        line.add("-cp");
        line.add(classPath(compile));
        line.add("io.asyncjobs.script.worker." + mainClass);
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

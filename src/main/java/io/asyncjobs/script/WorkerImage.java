package io.asyncjobs.script;

import io.asyncjobs.script.worker.Frame;
import io.asyncjobs.script.worker.FromWorker;
import io.asyncjobs.script.worker.RunInput;
import io.asyncjobs.script.worker.ToWorker;
import java.io.DataInputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes, at build time, what workers start quickly from: a Java runtime with the modules that they need, and for each way of
 * working a cache of classes. Workers start without either, only slower. See docs/decisions/0070.
 */
public final class WorkerImage {

    /** All but the empty module of this name that a JDK comes with: the compiler takes its place. */
    private static final String MODULES =
            "java.base,java.logging,java.management,java.xml,jdk.charsets,jdk.management,jdk.unsupported,jdk.internal.vm.ci";

    private static final int TRIES = 2;
    private static final long TASK = 1;
    private static final int PRACTICE = 2_000;
    private static final int KIB = 1024;
    private static final String SCRIPT = "const sum = params.items.map(x => x * 2).reduce((a, b) => a + b, 0);\n"
            + "log.info('sum', { sum }); await sleep(1);\n"
            + "return { sum, at: new Date(0).toISOString(), text: `${sum}`.padStart(9).trim() };";

    private final Path directory;
    private final WorkerCommand command;

    private WorkerImage(Path directory) {
        this.directory = directory;
        this.command = WorkerCommand.in(directory);
    }

    /** @param arguments the worker's directory, with {@code lib} and {@code compiler} */
    public static void main(String... arguments) throws IOException, InterruptedException {
        new WorkerImage(Path.of(arguments[0]).toAbsolutePath()).make();
    }

    private void make() throws IOException, InterruptedException {
        boolean linked = link();
        for (boolean compile : new boolean[] {false, true}) {
            Path cache = command.cache(compile);
            if (linked && !isCurrent(cache)) {
                Files.deleteIfExists(cache);
                train(cache, compile);
            }
        }
    }

    /** Whether there is a runtime for workers now. */
    private boolean link() throws IOException {
        Path runtime = command.runtime();
        if (isCurrent(runtime.resolve("release"))) {
            return true;
        }
        delete(runtime);
        Optional<ToolProvider> jlink = ToolProvider.findFirst("jlink");
        StringWriter said = new StringWriter();
        PrintWriter out = new PrintWriter(said);
        if (jlink.isPresent()
                && jlink.get()
                                .run(
                                        out,
                                        out,
                                        "--add-modules",
                                        MODULES,
                                        "--strip-java-debug-attributes",
                                        "--no-header-files",
                                        "--no-man-pages",
                                        "--output",
                                        runtime.toString())
                        == 0) {
            // What it was made from is older than it, whatever times the JDK's own files have
            Files.setLastModifiedTime(runtime.resolve("release"), FileTime.from(Instant.now()));
            return true;
        }
        System.err.println("No runtime for workers could be linked; they start slower without. " + said);
        delete(runtime);
        return false;
    }

    /** Runs a worker until it has done what each does, and has the JVM write down its classes as it ends. */
    private void train(Path cache, boolean compile) throws IOException, InterruptedException {
        Path empty = Files.createTempDirectory("asyncjobs-worker-");
        try {
            Process worker = command.startTraining(empty, compile, cache);
            try (DataInputStream in = Frame.input(worker.getInputStream());
                    OutputStream out = worker.getOutputStream()) {
                await(in, FromWorker.Ready.class);
                new ToWorker.Check(TASK, List.of(SCRIPT)).frame().writeTo(out);
                out.flush();
                await(in, FromWorker.Checked.class);
                practise(in, out);
                out.close();
                // From now on the JVM speaks, not the worker
                in.skipNBytes(in.available());
                while (in.read() >= 0) {
                    in.skipNBytes(in.available());
                }
            }
            String errors = worker.errorReader().lines().reduce("", (all, line) -> all + "\n" + line);
            if (worker.waitFor() != 0 || !Files.exists(cache) || !serves(compile)) {
                System.err.println("No classes were kept for workers; they start slower without." + errors);
                Files.deleteIfExists(cache);
            }
        } finally {
            delete(empty);
        }
    }

    /** Runs a script often, so that the JVM keeps with the classes which methods matter, and compiles those sooner. */
    private static void practise(DataInputStream in, OutputStream out) throws IOException {
        RunInput input =
                new RunInput("{\"items\":[1,2,3]}", "{\"job\":{},\"run\":{},\"user\":null}", KIB, KIB, 1, KIB, KIB);
        for (long task = TASK + 1; task <= TASK + PRACTICE; task++) {
            new ToWorker.Run(task, "practice", task == TASK + 1 ? SCRIPT : null, true, input)
                    .frame()
                    .writeTo(out);
            out.flush();
            FromWorker.Ended ended = await(in, FromWorker.Ended.class);
            if (ended.error() != null) {
                throw new IOException(
                        "The script for practice failed: " + ended.error().message());
            }
        }
    }

    /** Whether workers start from the cache: a JVM has crashed on one that it had written. */
    private boolean serves(boolean compile) throws IOException, InterruptedException {
        for (int i = 0; i < TRIES; i++) {
            Path empty = Files.createTempDirectory("asyncjobs-worker-");
            try {
                Process worker = command.start(empty, compile);
                try (DataInputStream in = Frame.input(worker.getInputStream());
                        OutputStream out = worker.getOutputStream()) {
                    await(in, FromWorker.Ready.class);
                    out.close();
                } catch (IOException e) {
                    System.err.println("A worker did not start from the cache: " + e.getMessage());
                    return false;
                }
                if (worker.waitFor() != 0) {
                    return false;
                }
            } finally {
                delete(empty);
            }
        }
        return true;
    }

    private static <T extends FromWorker> T await(DataInputStream in, Class<T> message) throws IOException {
        for (@Nullable Frame frame = Frame.read(in); frame != null; frame = Frame.read(in)) {
            FromWorker said = FromWorker.read(frame);
            if (message.isInstance(said)) {
                return message.cast(said);
            }
        }
        throw new IOException("The worker ended before it said " + message.getSimpleName());
    }

    /** Whether it exists and nothing that it was made from is newer. */
    private boolean isCurrent(Path file) throws IOException {
        if (!Files.exists(file)) {
            return false;
        }
        List<Path> sources = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "release")));
        for (String folder : List.of("lib", "compiler")) {
            try (Stream<Path> jars = Files.list(directory.resolve(folder))) {
                jars.forEach(sources::add);
            }
        }
        FileTime made = Files.getLastModifiedTime(file);
        for (Path source : sources) {
            if (Files.getLastModifiedTime(source).compareTo(made) > 0) {
                return false;
            }
        }
        return true;
    }

    private static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        }
    }
}

package io.asyncjobs.testsupport;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** Programs of the machine that tests run. */
public final class Programs {

    private static final int PATIENCE_MINUTES = 10;

    private Programs() {}

    /** Ends a test that needs what is missing: it is skipped, and fails where {@code CI} is set. */
    public static void missing(String program) {
        if (System.getenv("CI") != null) {
            throw new AssertionError(program + " is missing; it is needed where CI is set");
        }
        Assumptions.abort(program + " is missing: what needs it is skipped");
    }

    /** The programs of that name, in the order of the PATH. */
    public static Stream<Path> onPath(String name) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable);
    }

    /** Runs it to its end and returns what it printed, errors included; anything but exit code 0 is a failure. */
    public static String run(ProcessBuilder builder) {
        Result result = finish(builder);
        if (result.exitCode() != 0) {
            throw new AssertionError(
                    "%s ended with %d:%n%s".formatted(builder.command(), result.exitCode(), result.output()));
        }
        return result.output();
    }

    /** As {@link #run}, whatever its exit code. */
    static Result finish(ProcessBuilder builder) {
        try {
            Process process = builder.redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new AssertionError(builder.command() + " does not end:\n" + output);
            }
            return new Result(process.exitValue(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    record Result(int exitCode, String output) {}
}

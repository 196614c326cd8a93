package io.asyncjobs.testsupport;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * The programs in {@code src/test/node}, in the versions its lock names, run by the Node it names. Installed by npm when
 * first used, and again when the lock has changed.
 *
 * <p>Where there is no npm, a test that asks for them is skipped; where {@code CI} is set it fails.
 */
public final class NodeTools {

    /** Where they are, and the scripts and rules beside them. */
    public static final Path FOLDER = Path.of("src/test/node").toAbsolutePath();

    private static final Path MODULES = FOLDER.resolve("node_modules");

    private NodeTools() {}

    /** Installs them where that is still to be done. */
    public static void require() {
        if (!available()) {
            Programs.missing("npm");
        }
    }

    /** Whether they can be used; installs them where that is still to be done. */
    public static synchronized boolean available() {
        try {
            Files.createDirectories(Path.of("target"));
            // Two test runs in one folder must not install at once
            try (FileChannel file = FileChannel.open(
                            Path.of("target", "npm.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock held = file.lock()) {
                return held.isValid() && installed();
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Runs one of them in its folder and returns what it printed; anything but exit code 0 is a failure. */
    public static String run(String program, String... arguments) {
        return run(program, Map.of(), arguments);
    }

    /** As {@link #run(String, String...)}, with variables added to the environment. */
    public static String run(String program, Map<String, String> environment, String... arguments) {
        require();
        ProcessBuilder builder = builder(program, arguments);
        builder.environment().putAll(environment);
        return Programs.run(builder);
    }

    /** A command that runs a program of {@code node_modules/.bin}, or a script of the folder, by the pinned Node. */
    static ProcessBuilder builder(String program, String... arguments) {
        Path installed = MODULES.resolve(".bin").resolve(program);
        List<String> command = new ArrayList<>();
        command.add(MODULES.resolve(".bin").resolve("node").toString());
        command.add((Files.exists(installed) ? installed : FOLDER.resolve(program)).toString());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(FOLDER.toFile());
        builder.environment().put("NO_COLOR", "1");
        // None of them is to look for newer versions or to tell anybody that it was used
        builder.environment().put("REDOCLY_TELEMETRY", "off");
        builder.environment().put("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
        return builder;
    }

    private static boolean installed() throws IOException {
        Path stamp = MODULES.resolve(".installed");
        String wanted = digest(FOLDER.resolve("package-lock.json"));
        if (Files.exists(stamp) && Files.readString(stamp).equals(wanted)) {
            return true;
        }
        try {
            new ProcessBuilder("npm", "--version")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            return false;
        }
        Programs.run(new ProcessBuilder("npm", "ci").directory(FOLDER.toFile()));
        Files.writeString(stamp, wanted);
        return true;
    }

    private static String digest(Path file) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}

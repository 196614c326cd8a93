package io.asyncjobs.testsupport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The clients that the build generated, and what compiles and runs them: the Go and the Python of the machine, without a
 * network. Where one is missing, a test that asks for it is skipped; where {@code CI} is set it fails.
 */
public final class ClientTools {

    private static final Path GENERATED = Path.of("target", "generated-clients").toAbsolutePath();
    private static final Path LIVES = Path.of("src", "test", "clients").toAbsolutePath();

    /** Prints the first number of the version of pydantic, which decides what kind of client it takes. */
    private static final String NEEDS =
            "import dateutil, pydantic, typing_extensions, urllib3; print(pydantic.VERSION.partition('.')[0])";

    private static final Map<String, String> PYTHON_CLIENTS = Map.of("1", "python-pydantic-v1", "2", "python");

    private record Python(Path executable, Path client) {}

    private ClientTools() {}

    /** Compiles the client in Go with {@code life.go} and runs it with these variables; returns what it printed. */
    public static String runGo(Map<String, String> environment) {
        Optional<Path> go = Programs.onPath("go").findFirst();
        if (go.isEmpty()) {
            Programs.missing("Go");
        }
        Path module = GENERATED.resolve("go");
        try {
            Files.createDirectories(module.resolve("life"));
            Files.copy(
                    LIVES.resolve("life.go"),
                    module.resolve("life").resolve("main.go"),
                    StandardCopyOption.REPLACE_EXISTING);
            // Made anew: it names the version of the Go that made it
            Files.deleteIfExists(module.resolve("go.mod"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, String> offline = Map.of("GOPROXY", "off", "GOTOOLCHAIN", "local", "GOFLAGS", "", "GOWORK", "off");
        run(module, offline, go.orElseThrow(), "mod", "init", "asyncjobs.io/client/go");
        run(module, offline, go.orElseThrow(), "build", "-o", "life/", "./life");
        return run(module, environment, module.resolve("life").resolve("life"));
    }

    /** Compiles the client in Python and runs {@code life.py} over it with these variables; returns what it printed. */
    public static String runPython(Map<String, String> environment) {
        // The machine's own has the packages of the machine, also where another comes first
        Optional<Python> found = Stream.concat(Programs.onPath("python3"), Stream.of(Path.of("/usr/bin/python3")))
                .filter(Files::isExecutable)
                .flatMap(python -> clientFor(python).stream())
                .findFirst();
        if (found.isEmpty()) {
            Programs.missing("Python with dateutil, pydantic, typing_extensions and urllib3");
        }
        Python python = found.orElseThrow();
        run(python.client(), Map.of(), python.executable(), "-m", "compileall", "-q", "asyncjobs_client");
        Map<String, String> variables = new HashMap<>(environment);
        variables.put("PYTHONPATH", python.client().toString());
        return run(
                python.client(),
                variables,
                python.executable(),
                LIVES.resolve("life.py").toString());
    }

    private static Optional<Python> clientFor(Path python) {
        Programs.Result asked = Programs.finish(new ProcessBuilder(python.toString(), "-c", NEEDS));
        return Optional.ofNullable(
                        asked.exitCode() == 0
                                ? PYTHON_CLIENTS.get(asked.output().strip())
                                : null)
                .map(client -> new Python(python, GENERATED.resolve(client)));
    }

    private static String run(Path folder, Map<String, String> environment, Path program, String... arguments) {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().putAll(environment);
        return Programs.run(builder);
    }
}

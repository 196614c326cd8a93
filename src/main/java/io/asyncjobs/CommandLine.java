package io.asyncjobs;

import io.asyncjobs.platform.CommandOptions;
import io.asyncjobs.platform.CommandOptions.UsageException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the program was asked to do: a command and its options. */
sealed interface CommandLine {

    String USAGE = """
            Usage: asyncjobs start [--port 8080] [--data DIR]
                   asyncjobs token [--user NAME] [--role superadmin] [--ttl 8h] [--data DIR] [--open [--url URL]]
                   asyncjobs audit verify EXPORT [--keys FILE] [--checkpoints FILE] [--partial] [--data DIR]
            """;

    /** Where the service is unless started otherwise. */
    String DASHBOARD = "http://127.0.0.1:8080";

    /**
     * Runs the service.
     *
     * @param data where it keeps its own database and keys, as given or {@code ./data}
     */
    record Start(Optional<Integer> port, Path data) implements CommandLine {}

    /**
     * Prints a token; {@code data} as for the service.
     *
     * @param open where the dashboard to be opened with it is, instead of printing it
     */
    record Token(String user, String role, Duration timeToLive, Path data, Optional<URI> open) implements CommandLine {}

    /**
     * Verifies an export of the audit trail.
     *
     * @param keys a file with the keys; those of the environment or of the data folder unless given
     * @param checkpoints a file with checkpoints; without both files, that of the data folder
     * @param partial whether the export holds a part of the trail only
     */
    record AuditVerify(Path export, Optional<Path> keys, Optional<Path> checkpoints, boolean partial, Path data)
            implements CommandLine {}

    /** Without a command the service is started. */
    static CommandLine parse(String[] arguments, Map<String, String> environment, String osUser) {
        Deque<String> rest = new ArrayDeque<>(Arrays.asList(arguments));
        String command = rest.isEmpty() || rest.getFirst().startsWith("-") ? "start" : rest.removeFirst();
        return switch (command) {
            case "start" -> {
                Map<String, String> options = CommandOptions.read(rest, List.of("--port", "--data"));
                yield new Start(
                        Optional.ofNullable(options.get("--port")).map(CommandLine::port), data(options, environment));
            }
            case "token" -> {
                boolean open = rest.remove("--open");
                Map<String, String> options = CommandOptions.read(
                        rest, List.of("--user", "--role", "--ttl", "--data", open ? "--url" : "--data"));
                yield new Token(
                        options.getOrDefault("--user", osUser.isBlank() ? "superadmin" : osUser),
                        options.getOrDefault("--role", "superadmin"),
                        duration(options.getOrDefault("--ttl", "8h")),
                        data(options, environment),
                        open ? Optional.of(url(options.getOrDefault("--url", DASHBOARD))) : Optional.empty());
            }
            case "audit" -> {
                if (!"verify".equals(rest.pollFirst())) {
                    throw new UsageException("The command audit wants: verify EXPORT.");
                }
                boolean partial = rest.remove("--partial");
                if (rest.isEmpty() || rest.getFirst().startsWith("-")) {
                    throw new UsageException("The command audit verify wants the file of an export.");
                }
                Path export = Path.of(rest.removeFirst());
                Map<String, String> options = CommandOptions.read(rest, List.of("--keys", "--checkpoints", "--data"));
                yield new AuditVerify(
                        export,
                        Optional.ofNullable(options.get("--keys")).map(Path::of),
                        Optional.ofNullable(options.get("--checkpoints")).map(Path::of),
                        partial,
                        data(options, environment));
            }
            default -> throw new UsageException("There is no command '" + command + "'.");
        };
    }

    private static Path data(Map<String, String> options, Map<String, String> environment) {
        String fromEnvironment = environment.getOrDefault("ASYNCJOBS_DATA", "");
        return Path.of(options.getOrDefault("--data", fromEnvironment.isBlank() ? "data" : fromEnvironment));
    }

    private static int port(String text) {
        try {
            int port = Integer.parseInt(text);
            if (port >= 0 && port <= 65535) {
                return port;
            }
        } catch (NumberFormatException e) {
            // Said below, as for a number out of range
        }
        throw new UsageException("--port wants a number from 0 (any free one) to 65535, not '" + text + "'.");
    }

    private static URI url(String text) {
        try {
            URI url = URI.create(text);
            if (("http".equals(url.getScheme()) || "https".equals(url.getScheme())) && url.getHost() != null) {
                return url;
            }
        } catch (IllegalArgumentException e) {
            // Said below, as for one of another kind
        }
        throw new UsageException("--url wants where the service is, like " + DASHBOARD + ", not '" + text + "'.");
    }

    private static Duration duration(String text) {
        Matcher matcher = Pattern.compile("([1-9]\\d{0,5})([smhd])").matcher(text);
        if (!matcher.matches()) {
            throw new UsageException("--ttl wants a time like 90s, 30m, 8h or 7d, not '" + text + "'.");
        }
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
    }
}

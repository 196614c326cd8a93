package io.asyncjobs;

import io.asyncjobs.bench.ScheduleBench;
import io.asyncjobs.bench.faults.FaultKind;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the program was asked to do: a command and its options. */
sealed interface CommandLine {

    String USAGE = """
            Usage: asyncjobs start [--port 8080] [--data DIR]
                   asyncjobs token [--user NAME] [--role superadmin] [--ttl 8h] [--data DIR] [--open [--url URL]]
                   asyncjobs bench scripts [--warm-up 60] [--seconds 10] [--json FILE]
                   asyncjobs bench schedule [--nodes 1] [--jobs 3000] [--interval 1] [--seconds 60] [--warm-up 20]
                           [--warm-up-jobs N] [--calm 0] [--no-script] [--json FILE]
                   asyncjobs bench drain [--jobs 20000] [--warm-up 20] [--no-script] [--json FILE]
                   asyncjobs bench faults [--minutes 5] [--seed N] [--nodes 3] [--jobs 120] [--faults KIND,...]
                           [--alone] [--silence 10] [--folder DIR] [--json FILE]
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

    /** Measures the script pool. */
    record BenchScripts(int warmUpSeconds, int seconds, Optional<Path> json) implements CommandLine {}

    /** Measures timers at an even load. */
    record BenchSchedule(ScheduleBench.Load load, boolean withScripts, Optional<Path> json) implements CommandLine {}

    /** Measures how fast overdue jobs are worked off. */
    record BenchDrain(int jobs, int warmUpSeconds, boolean withScripts, Optional<Path> json) implements CommandLine {}

    /**
     * Makes faults and checks what comes of them.
     *
     * @param seed one is drawn unless given
     * @param faults which kinds; all unless given
     * @param silenceSeconds how long after the last fault a job may stay without a run, beside its interval
     * @param folder where logs are kept
     */
    record BenchFaults(
            int minutes,
            Optional<Integer> seed,
            int nodes,
            int jobs,
            Set<FaultKind> faults,
            boolean alone,
            int silenceSeconds,
            Optional<Path> folder,
            Optional<Path> json)
            implements CommandLine {}

    /**
     * Verifies an export of the audit trail.
     *
     * @param keys a file with the keys; those of the environment or of the data folder unless given
     * @param checkpoints a file with checkpoints; without both files, that of the data folder
     * @param partial whether the export holds a part of the trail only
     */
    record AuditVerify(Path export, Optional<Path> keys, Optional<Path> checkpoints, boolean partial, Path data)
            implements CommandLine {}

    /** Something that is none of these; the message says what. */
    final class UsageException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        UsageException(String message) {
            super(message);
        }
    }

    /** Without a command the service is started. */
    static CommandLine parse(String[] arguments, Map<String, String> environment, String osUser) {
        Deque<String> rest = new ArrayDeque<>(Arrays.asList(arguments));
        String command = rest.isEmpty() || rest.getFirst().startsWith("-") ? "start" : rest.removeFirst();
        return switch (command) {
            case "start" -> {
                Map<String, String> options = options(rest, List.of("--port", "--data"));
                yield new Start(
                        Optional.ofNullable(options.get("--port")).map(CommandLine::port), data(options, environment));
            }
            case "token" -> {
                boolean open = rest.remove("--open");
                Map<String, String> options =
                        options(rest, List.of("--user", "--role", "--ttl", "--data", open ? "--url" : "--data"));
                yield new Token(
                        options.getOrDefault("--user", osUser.isBlank() ? "superadmin" : osUser),
                        options.getOrDefault("--role", "superadmin"),
                        duration(options.getOrDefault("--ttl", "8h")),
                        data(options, environment),
                        open ? Optional.of(url(options.getOrDefault("--url", DASHBOARD))) : Optional.empty());
            }
            case "bench" -> bench(rest);
            case "audit" -> {
                if (!"verify".equals(rest.pollFirst())) {
                    throw new UsageException("The command audit wants: verify EXPORT.");
                }
                boolean partial = rest.remove("--partial");
                if (rest.isEmpty() || rest.getFirst().startsWith("-")) {
                    throw new UsageException("The command audit verify wants the file of an export.");
                }
                Path export = Path.of(rest.removeFirst());
                Map<String, String> options = options(rest, List.of("--keys", "--checkpoints", "--data"));
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

    private static CommandLine bench(Deque<String> rest) {
        String scenario = rest.isEmpty() ? "" : rest.removeFirst();
        return switch (scenario) {
            case "scripts" -> {
                Map<String, String> options = options(rest, List.of("--warm-up", "--seconds", "--json"));
                yield new BenchScripts(
                        number("--warm-up", options, "60", 9_999),
                        number("--seconds", options, "10", 9_999),
                        json(options));
            }
            case "schedule" -> {
                boolean withScripts = !rest.remove("--no-script");
                Map<String, String> options = options(
                        rest,
                        List.of(
                                "--nodes",
                                "--jobs",
                                "--interval",
                                "--seconds",
                                "--warm-up",
                                "--warm-up-jobs",
                                "--calm",
                                "--json"));
                yield new BenchSchedule(
                        new ScheduleBench.Load(
                                number("--nodes", options, "1", 9),
                                number("--jobs", options, "3000", 1_000_000),
                                number("--interval", options, "1", 300),
                                number("--seconds", options, "60", 9_999),
                                number("--warm-up", options, "20", 9_999),
                                options.containsKey("--warm-up-jobs")
                                        ? number("--warm-up-jobs", options, "", 1_000_000)
                                        : 0,
                                options.containsKey("--calm") ? number("--calm", options, "", 9_999) : 0),
                        withScripts,
                        json(options));
            }
            case "drain" -> {
                boolean withScripts = !rest.remove("--no-script");
                Map<String, String> options = options(rest, List.of("--jobs", "--warm-up", "--json"));
                yield new BenchDrain(
                        number("--jobs", options, "20000", 1_000_000),
                        number("--warm-up", options, "20", 9_999),
                        withScripts,
                        json(options));
            }
            case "faults" -> {
                boolean alone = rest.remove("--alone");
                Map<String, String> options = options(
                        rest,
                        List.of(
                                "--minutes",
                                "--seed",
                                "--nodes",
                                "--jobs",
                                "--faults",
                                "--silence",
                                "--folder",
                                "--json"));
                yield new BenchFaults(
                        number("--minutes", options, "5", 9_999),
                        options.containsKey("--seed")
                                ? Optional.of(number("--seed", options, "", 9_999_999))
                                : Optional.empty(),
                        number("--nodes", options, "3", 9),
                        number("--jobs", options, "120", 9_999),
                        faults(options.getOrDefault("--faults", "")),
                        alone,
                        number("--silence", options, "10", 9_999),
                        Optional.ofNullable(options.get("--folder")).map(Path::of),
                        json(options));
            }
            default -> throw new UsageException("bench wants a scenario: scripts, schedule, drain or faults.");
        };
    }

    private static Set<FaultKind> faults(String list) {
        if (list.isEmpty()) {
            return FaultKind.all();
        }
        Set<FaultKind> kinds = EnumSet.noneOf(FaultKind.class);
        for (String name : list.split(",", -1)) {
            kinds.add(FaultKind.of(name)
                    .orElseThrow(() -> new UsageException(
                            "There is no fault '" + name + "'; there are " + FaultKind.names() + ".")));
        }
        if (FaultKind.drawable(kinds).isEmpty()) {
            throw new UsageException("--faults wants at least one kind beside changes.");
        }
        return kinds;
    }

    private static Optional<Path> json(Map<String, String> options) {
        return Optional.ofNullable(options.get("--json")).map(Path::of);
    }

    private static int number(String option, Map<String, String> options, String usual, int most) {
        String text = options.getOrDefault(option, usual);
        if (!text.matches("[1-9]\\d{0,6}") || Integer.parseInt(text) > most) {
            throw new UsageException("%s wants a number from 1 to %d, not '%s'.".formatted(option, most, text));
        }
        return Integer.parseInt(text);
    }

    private static Map<String, String> options(Deque<String> rest, List<String> known) {
        Map<String, String> options = new HashMap<>();
        while (!rest.isEmpty()) {
            String argument = rest.removeFirst();
            int equals = argument.indexOf('=');
            String name = equals < 0 ? argument : argument.substring(0, equals);
            if (!known.contains(name)) {
                throw new UsageException("There is no option '" + argument + "'.");
            }
            if (equals < 0 && rest.isEmpty()) {
                throw new UsageException("The option " + name + " wants a value.");
            }
            String value = equals < 0 ? rest.removeFirst() : argument.substring(equals + 1);
            if (value.isBlank()) {
                throw new UsageException("The option " + name + " wants a value.");
            }
            options.put(name, value);
        }
        return options;
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

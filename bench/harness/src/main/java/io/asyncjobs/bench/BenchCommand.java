package io.asyncjobs.bench;

import io.asyncjobs.bench.faults.FaultKind;
import io.asyncjobs.platform.CommandOptions;
import io.asyncjobs.platform.CommandOptions.UsageException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the benchmark was asked to do: a scenario and its options. */
sealed interface BenchCommand {

    String USAGE = """
            Usage: asyncjobs bench scripts [--warm-up 60] [--seconds 10] [--json FILE]
                   asyncjobs bench schedule [--nodes 1] [--jobs 3000] [--interval 1] [--seconds 60] [--warm-up 20]
                           [--warm-up-jobs N] [--calm 0] [--no-script] [--json FILE]
                   asyncjobs bench drain [--jobs 20000] [--warm-up 20] [--no-script] [--json FILE]
                   asyncjobs bench provision [--manifest-jobs 5000] [--jobs 50] [--warm-up 30] [--json FILE]
                   asyncjobs bench faults [--minutes 5] [--seed N] [--nodes 3] [--jobs 120] [--faults KIND,...]
                           [--alone] [--silence 10] [--folder DIR] [--json FILE]
            """;

    /** Measures the script pool. */
    record Scripts(int warmUpSeconds, int seconds, Optional<Path> json) implements BenchCommand {}

    /** Measures timers at an even load. */
    record Schedule(ScheduleBench.Load load, boolean withScripts, Optional<Path> json) implements BenchCommand {}

    /** Measures how fast overdue jobs are worked off. */
    record Drain(int jobs, int warmUpSeconds, boolean withScripts, Optional<Path> json) implements BenchCommand {}

    /** Measures how long it takes to plan and apply a manifest, and what that costs jobs that run meanwhile. */
    record Provision(ProvisioningBench.Load load, Optional<Path> json) implements BenchCommand {}

    /**
     * Makes faults and checks what comes of them.
     *
     * @param seed one is drawn unless given
     * @param faults which kinds; all unless given
     * @param silenceSeconds how long after the last fault a job may stay without a run, beside its interval
     * @param folder where logs are kept
     */
    record Faults(
            int minutes,
            Optional<Integer> seed,
            int nodes,
            int jobs,
            Set<FaultKind> faults,
            boolean alone,
            int silenceSeconds,
            Optional<Path> folder,
            Optional<Path> json)
            implements BenchCommand {}

    static BenchCommand parse(String... arguments) {
        Deque<String> rest = new ArrayDeque<>(Arrays.asList(arguments));
        String scenario = rest.isEmpty() ? "" : rest.removeFirst();
        return switch (scenario) {
            case "scripts" -> scripts(rest);
            case "schedule" -> schedule(rest);
            case "drain" -> drain(rest);
            case "provision" -> provision(rest);
            case "faults" -> faults(rest);
            default ->
                throw new UsageException(
                        "bench wants a scenario: scripts, schedule, drain, provision, faults, simulate or peers.");
        };
    }

    private static Scripts scripts(Deque<String> rest) {
        Map<String, String> options = CommandOptions.read(rest, List.of("--warm-up", "--seconds", "--json"));
        return new Scripts(
                number("--warm-up", options, "60", 9_999), number("--seconds", options, "10", 9_999), json(options));
    }

    private static Schedule schedule(Deque<String> rest) {
        boolean withScripts = !rest.remove("--no-script");
        Map<String, String> options = CommandOptions.read(
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
        return new Schedule(
                new ScheduleBench.Load(
                        number("--nodes", options, "1", 9),
                        number("--jobs", options, "3000", 1_000_000),
                        number("--interval", options, "1", 300),
                        number("--seconds", options, "60", 9_999),
                        number("--warm-up", options, "20", 9_999),
                        options.containsKey("--warm-up-jobs") ? number("--warm-up-jobs", options, "", 1_000_000) : 0,
                        options.containsKey("--calm") ? number("--calm", options, "", 9_999) : 0),
                withScripts,
                json(options));
    }

    private static Drain drain(Deque<String> rest) {
        boolean withScripts = !rest.remove("--no-script");
        Map<String, String> options = CommandOptions.read(rest, List.of("--jobs", "--warm-up", "--json"));
        return new Drain(
                number("--jobs", options, "20000", 1_000_000),
                number("--warm-up", options, "20", 9_999),
                withScripts,
                json(options));
    }

    private static Provision provision(Deque<String> rest) {
        Map<String, String> options =
                CommandOptions.read(rest, List.of("--manifest-jobs", "--jobs", "--warm-up", "--json"));
        return new Provision(
                new ProvisioningBench.Load(
                        number("--manifest-jobs", options, "5000", 20_000),
                        number("--jobs", options, "50", 1_000),
                        number("--warm-up", options, "30", 9_999)),
                json(options));
    }

    private static Faults faults(Deque<String> rest) {
        boolean alone = rest.remove("--alone");
        Map<String, String> options = CommandOptions.read(
                rest,
                List.of("--minutes", "--seed", "--nodes", "--jobs", "--faults", "--silence", "--folder", "--json"));
        return new Faults(
                number("--minutes", options, "5", 9_999),
                options.containsKey("--seed")
                        ? Optional.of(number("--seed", options, "", 9_999_999))
                        : Optional.empty(),
                number("--nodes", options, "3", 9),
                number("--jobs", options, "120", 9_999),
                kinds(options.getOrDefault("--faults", "")),
                alone,
                number("--silence", options, "10", 9_999),
                Optional.ofNullable(options.get("--folder")).map(Path::of),
                json(options));
    }

    private static Set<FaultKind> kinds(String list) {
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
}

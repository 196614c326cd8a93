package io.asyncjobs.bench;

import io.asyncjobs.bench.faults.FaultKind;
import io.asyncjobs.platform.CommandArguments;
import io.asyncjobs.platform.CommandArguments.UsageException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the benchmark was asked to do: a scenario and its options. */
sealed interface BenchCommand {

    /** What there is to measure. */
    String SCENARIOS = "scripts, schedule, cold, drain, provision, faults, simulate or peers";

    /** Measures the script pool. */
    record Scripts(int warmUpSeconds, int seconds, Optional<Path> json) implements BenchCommand {}

    /** Measures timers at an even load. */
    record Schedule(ScheduleBench.Load load, boolean withScripts, Optional<Path> json) implements BenchCommand {}

    /** Measures the first seconds of a service. */
    record Cold(int jobs, int intervalSeconds, int seconds, Optional<Path> json) implements BenchCommand {}

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

    /** Prints a text. */
    record Help(String text) implements BenchCommand {}

    static BenchCommand parse(String... arguments) {
        String scenario = arguments.length == 0 ? "" : arguments[0];
        BenchOptions.@Nullable Scenario options =
                switch (scenario) {
                    case "scripts" -> new BenchOptions.Scripts();
                    case "schedule" -> new BenchOptions.Schedule();
                    case "cold" -> new BenchOptions.Cold();
                    case "drain" -> new BenchOptions.Drain();
                    case "provision" -> new BenchOptions.Provision();
                    case "faults" -> new BenchOptions.Faults();
                    case "-h", "--help", "help" -> null;
                    default -> throw new UsageException("bench wants a scenario: " + SCENARIOS + ".");
                };
        if (options == null) {
            return new Help(
                    "Usage: asyncjobs bench SCENARIO\nSCENARIO is " + SCENARIOS + ". Each but peers has --help.\n");
        }
        return CommandArguments.read(options, List.of(arguments).subList(1, arguments.length))
                .<BenchCommand>map(Help::new)
                .orElseGet(options::command);
    }
}

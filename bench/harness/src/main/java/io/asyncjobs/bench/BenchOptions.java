package io.asyncjobs.bench;

import static io.asyncjobs.platform.CommandArguments.number;

import io.asyncjobs.bench.faults.FaultKind;
import io.asyncjobs.platform.CommandArguments.UsageException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The options of the scenarios, as they are given. */
final class BenchOptions {

    private BenchOptions() {}

    /** What all of them have. */
    abstract static class Scenario {

        @Option(names = "--json", paramLabel = "FILE", description = "Writes the figures to this file, too.")
        private @Nullable Path json;

        /** What was asked for. */
        abstract BenchCommand command();

        final Optional<Path> json() {
            return Optional.ofNullable(json);
        }

        /** 0 where it is not given. */
        static int numberIfAny(String option, @Nullable String text, int most) {
            return text == null ? 0 : number(option, text, most);
        }
    }

    @Command(
            sortOptions = false,
            name = "bench scripts",
            description = "Measures runs a second through the worker pool beside a bare loop.")
    static final class Scripts extends Scenario {

        @Option(names = "--warm-up", paramLabel = "SECONDS", defaultValue = "60", description = "60 unless given.")
        private String warmUp = "60";

        @Option(names = "--seconds", defaultValue = "10", description = "10 unless given.")
        private String seconds = "10";

        @Override
        BenchCommand command() {
            return new BenchCommand.Scripts(
                    number("--warm-up", warmUp, 9_999), number("--seconds", seconds, 9_999), json());
        }
    }

    @Command(sortOptions = false, name = "bench schedule", description = "Measures timers at an even load.")
    static final class Schedule extends Scenario {

        @Option(names = "--nodes", defaultValue = "1", description = "1 unless given.")
        private String nodes = "1";

        @Option(names = "--jobs", defaultValue = "3000", description = "3000 unless given.")
        private String jobs = "3000";

        @Option(
                names = "--interval",
                paramLabel = "SECONDS",
                defaultValue = "1",
                description = "Of each job; 1 unless given.")
        private String interval = "1";

        @Option(names = "--seconds", defaultValue = "60", description = "60 unless given.")
        private String seconds = "60";

        @Option(names = "--warm-up", paramLabel = "SECONDS", defaultValue = "20", description = "20 unless given.")
        private String warmUp = "20";

        @Option(
                names = "--warm-up-jobs",
                paramLabel = "N",
                description = "So many more jobs of a second during the warm-up; none unless given.")
        private @Nullable String warmUpJobs;

        @Option(names = "--calm", paramLabel = "SECONDS", description = "A rest after the warm-up; none unless given.")
        private @Nullable String calm;

        @Option(names = "--no-script", description = "Measures the service without its scripts.")
        private boolean noScript;

        @Override
        BenchCommand command() {
            return new BenchCommand.Schedule(
                    new ScheduleBench.Load(
                            number("--nodes", nodes, 9),
                            number("--jobs", jobs, 1_000_000),
                            number("--interval", interval, 300),
                            number("--seconds", seconds, 9_999),
                            number("--warm-up", warmUp, 9_999),
                            numberIfAny("--warm-up-jobs", warmUpJobs, 1_000_000),
                            numberIfAny("--calm", calm, 9_999)),
                    !noScript,
                    json());
        }
    }

    @Command(
            sortOptions = false,
            name = "bench cold",
            description = "Starts the service with jobs that exist, and shows second by second what it runs and loses.")
    static final class Cold extends Scenario {

        @Option(names = "--jobs", defaultValue = "500", description = "500 unless given.")
        private String jobs = "500";

        @Option(
                names = "--interval",
                paramLabel = "SECONDS",
                defaultValue = "1",
                description = "Of each job; 1 unless given.")
        private String interval = "1";

        @Option(
                names = "--seconds",
                defaultValue = "60",
                description = "From when the service is ready; 60 unless given.")
        private String seconds = "60";

        @Override
        BenchCommand command() {
            return new BenchCommand.Cold(
                    number("--jobs", jobs, 1_000_000),
                    number("--interval", interval, 300),
                    number("--seconds", seconds, 9_999),
                    json());
        }
    }

    @Command(
            sortOptions = false,
            name = "bench drain",
            description = "Measures how long it takes to run jobs that are all overdue.")
    static final class Drain extends Scenario {

        @Option(names = "--jobs", defaultValue = "20000", description = "20000 unless given.")
        private String jobs = "20000";

        @Option(names = "--warm-up", paramLabel = "SECONDS", defaultValue = "20", description = "20 unless given.")
        private String warmUp = "20";

        @Option(names = "--no-script", description = "Measures the service without its scripts.")
        private boolean noScript;

        @Override
        BenchCommand command() {
            return new BenchCommand.Drain(
                    number("--jobs", jobs, 1_000_000), number("--warm-up", warmUp, 9_999), !noScript, json());
        }
    }

    @Command(
            sortOptions = false,
            name = "bench provision",
            description = "Measures how long it takes to plan and apply a manifest while other jobs run.")
    static final class Provision extends Scenario {

        @Option(names = "--manifest-jobs", defaultValue = "5000", description = "5000 unless given.")
        private String manifestJobs = "5000";

        @Option(
                names = "--jobs",
                defaultValue = "50",
                description = "Jobs of a second that run meanwhile; 50 unless given.")
        private String jobs = "50";

        @Option(names = "--warm-up", paramLabel = "SECONDS", defaultValue = "30", description = "30 unless given.")
        private String warmUp = "30";

        @Override
        BenchCommand command() {
            return new BenchCommand.Provision(
                    new ProvisioningBench.Load(
                            number("--manifest-jobs", manifestJobs, 20_000),
                            number("--jobs", jobs, 1_000),
                            number("--warm-up", warmUp, 9_999)),
                    json());
        }
    }

    @Command(
            sortOptions = false,
            name = "bench faults",
            description = "Makes faults in a cluster of its own and checks that nothing was lost or done twice. Exits"
                    + " with 1 if something was.")
    static final class Faults extends Scenario {

        @Option(names = "--minutes", defaultValue = "5", description = "5 unless given.")
        private String minutes = "5";

        @Option(names = "--seed", paramLabel = "N", description = "Decides on all faults; drawn unless given.")
        private @Nullable String seed;

        @Option(names = "--nodes", defaultValue = "3", description = "3 unless given.")
        private String nodes = "3";

        @Option(names = "--jobs", defaultValue = "120", description = "120 unless given.")
        private String jobs = "120";

        @Option(names = "--faults", paramLabel = "KIND,...", description = "Which kinds; all unless given.")
        private @Nullable String faults;

        @Option(names = "--alone", description = "Makes one fault at a time, to tell how long each takes.")
        private boolean alone;

        @Option(
                names = "--silence",
                paramLabel = "SECONDS",
                defaultValue = "10",
                description = "How long after the last fault a job may stay without a run; 10 unless given.")
        private String silence = "10";

        @Option(
                names = "--folder",
                paramLabel = "DIR",
                description = "Where logs are kept; a temporary folder unless given.")
        private @Nullable Path folder;

        @Override
        BenchCommand command() {
            return new BenchCommand.Faults(
                    number("--minutes", minutes, 9_999),
                    seed == null ? Optional.empty() : Optional.of(number("--seed", seed, 9_999_999)),
                    number("--nodes", nodes, 9),
                    number("--jobs", jobs, 9_999),
                    faults == null ? FaultKind.all() : kinds(faults),
                    alone,
                    number("--silence", silence, 9_999),
                    Optional.ofNullable(folder),
                    json());
        }

        private static Set<FaultKind> kinds(String list) {
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
    }
}

package io.asyncjobs.schedule;

import io.asyncjobs.platform.CommandArguments;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench simulate}: many seeds of {@link Simulation}. Ends with 1 when one of them breaks a promise. */
@Command(
        name = "bench simulate",
        sortOptions = false,
        description =
                "Runs nodes and a database in simulated time, each seed with faults of its own. Exits with 1 if a seed"
                        + " breaks a promise.")
final class SimulateBench {

    private final LongAdder runs = new LongAdder();
    private final LongAdder faults = new LongAdder();
    private final LongAdder broken = new LongAdder();

    @Option(names = "--seeds", paramLabel = "N", defaultValue = "100000", description = "100000 unless given.")
    private String seeds = "100000";

    @Option(names = "--first", paramLabel = "SEED", defaultValue = "1", description = "The first seed; 1 unless given.")
    private long first = 1;

    @Option(
            names = "--minutes",
            paramLabel = "N",
            defaultValue = "10",
            description = "Simulated minutes for each seed; 10 unless given.")
    private String minutes = "10";

    @Option(
            names = "--without",
            paramLabel = "GUARD",
            description = "Leaves a guard out: epoch-check, lease-condition or give-back.")
    private @Nullable String without;

    @Option(
            names = "--postgresql",
            description = "With the statements of the service on PostgreSQL, one seed after the other.")
    private boolean postgresql;

    public static void main(String... arguments) throws SQLException {
        SimulateBench bench = new SimulateBench();
        try {
            Optional<String> help = CommandArguments.read(bench, List.of(arguments));
            if (help.isPresent()) {
                System.out.print(help.get());
                return;
            }
            bench.run();
        } catch (CommandArguments.UsageException e) {
            System.err.println(e.getMessage() + "\nTry 'asyncjobs bench simulate --help'.");
            System.exit(2);
        }
        System.exit(bench.broken.sum() == 0 ? 0 : 1);
    }

    private SimulatedTables.@Nullable Mutation mutation() {
        if (without == null) {
            return null;
        }
        try {
            return SimulatedTables.Mutation.valueOf(without.replace('-', '_').toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new CommandArguments.UsageException(
                    "--without wants epoch-check, lease-condition or give-back, not '" + without + "'.");
        }
    }

    private void run() throws SQLException {
        SimulatedTables.Mutation mutation = mutation();
        int count = CommandArguments.number("--seeds", seeds, 9_999_999);
        Duration time = Duration.ofMinutes(CommandArguments.number("--minutes", minutes, 9_999));
        long began = System.nanoTime();
        if (postgresql) {
            try (SimulatedPostgres database = new SimulatedPostgres(SimulatedConfig.DEFAULTS)) {
                LongStream.range(first, first + count)
                        .forEach(seed ->
                                note(new Simulation(seed, time, SimulatedConfig.DEFAULTS, database::reset).run()));
            }
        } else {
            LongStream.range(first, first + count)
                    .parallel()
                    .forEach(seed -> note(new Simulation(seed, time, SimulatedConfig.DEFAULTS, mutation).run()));
        }
        System.out.printf(
                Locale.ROOT,
                "%d seeds of %d minutes: %d runs, %d faults, %d seeds with violations, %.1f s%n",
                count,
                time.toMinutes(),
                runs.sum(),
                faults.sum(),
                broken.sum(),
                (System.nanoTime() - began) / 1e9);
    }

    private void note(Simulation.Outcome outcome) {
        runs.add(outcome.runs());
        faults.add(outcome.faults());
        if (!outcome.violations().isEmpty()) {
            broken.increment();
            System.out.printf("seed %d: %s%n", outcome.seed(), outcome.violations());
        }
    }
}

package io.asyncjobs.schedule;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** {@code bench simulate}: many seeds of {@link Simulation}. Ends with 1 when one of them breaks a promise. */
final class SimulateBench {

    private static final String USAGE = """
            Usage: ./asyncjobs bench simulate [--seeds N] [--first SEED] [--minutes N] [--without GUARD] [--postgresql]
              --seeds       how many seeds, 100000 by default
              --first       the first seed, 1 by default
              --minutes     simulated minutes for each seed, 10 by default
              --without     leaves a guard out: epoch-check, lease-condition or give-back
              --postgresql  with the statements of the service on PostgreSQL, one seed after the other
            """;

    private final LongAdder runs = new LongAdder();
    private final LongAdder faults = new LongAdder();
    private final LongAdder broken = new LongAdder();
    private long seeds = 100_000;
    private long first = 1;
    private Duration time = Duration.ofMinutes(10);
    private SimulatedTables.@Nullable Mutation without;
    private boolean postgresql;

    private SimulateBench(Deque<String> arguments) {
        while (!arguments.isEmpty()) {
            switch (arguments.removeFirst()) {
                case "--seeds" -> seeds = Long.parseLong(arguments.removeFirst());
                case "--first" -> first = Long.parseLong(arguments.removeFirst());
                case "--minutes" -> time = Duration.ofMinutes(Long.parseLong(arguments.removeFirst()));
                case "--without" ->
                    without = SimulatedTables.Mutation.valueOf(
                            arguments.removeFirst().replace('-', '_').toUpperCase(Locale.ROOT));
                case "--postgresql" -> postgresql = true;
                default -> throw new IllegalArgumentException();
            }
        }
    }

    public static void main(String... arguments) throws SQLException {
        SimulateBench bench;
        try {
            bench = new SimulateBench(new ArrayDeque<>(List.of(arguments)));
        } catch (RuntimeException e) {
            System.err.print(USAGE);
            System.exit(2);
            return;
        }
        bench.run();
        System.exit(bench.broken.sum() == 0 ? 0 : 1);
    }

    private void run() throws SQLException {
        long began = System.nanoTime();
        if (postgresql) {
            try (SimulatedPostgres database = new SimulatedPostgres(SimulatedConfig.DEFAULTS)) {
                LongStream.range(first, first + seeds)
                        .forEach(seed ->
                                note(new Simulation(seed, time, SimulatedConfig.DEFAULTS, database::reset).run()));
            }
        } else {
            LongStream.range(first, first + seeds)
                    .parallel()
                    .forEach(seed -> note(new Simulation(seed, time, SimulatedConfig.DEFAULTS, without).run()));
        }
        System.out.printf(
                Locale.ROOT,
                "%d seeds of %d minutes: %d runs, %d faults, %d seeds with violations, %.1f s%n",
                seeds,
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

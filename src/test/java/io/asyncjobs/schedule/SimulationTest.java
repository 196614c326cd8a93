package io.asyncjobs.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.testsupport.Fast;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nodes and tables in memory, in simulated time: each tick runs once or is a gap, no two runs of a job overlap, and every job goes on. */
@Fast
class SimulationTest {

    private static final Duration TIME = Duration.ofMinutes(10);
    private static final int SEEDS = Integer.getInteger("simulation.seeds", 1_000);
    private static final long FIRST = Long.getLong("simulation.first", 1);

    @Test
    void no_seed_breaks_a_promise() {
        List<Simulation.Outcome> broken = LongStream.range(FIRST, FIRST + SEEDS)
                .parallel()
                .mapToObj(seed -> run(seed, null))
                .filter(outcome -> !outcome.violations().isEmpty())
                .toList();

        assertThat(broken)
                .as("run again with -Dsimulation.first=SEED -Dsimulation.seeds=1")
                .isEmpty();
    }

    @Test
    void a_seed_gives_the_same_run_again() {
        assertThat(run(7, null)).isEqualTo(run(7, null));
        assertThat(run(7, null).runs()).isGreaterThan(100);
        assertThat(run(7, null).faults()).isGreaterThan(30);
    }

    @ParameterizedTest
    @EnumSource
    void what_is_left_out_of_the_statements_is_found(SimulatedTables.Mutation mutation) {
        assertThat(LongStream.rangeClosed(1, 1_000)
                        .anyMatch(seed -> !run(seed, mutation).violations().isEmpty()))
                .isTrue();
    }

    private static Simulation.Outcome run(long seed, SimulatedTables.@Nullable Mutation mutation) {
        return new Simulation(seed, TIME, SimulatedConfig.DEFAULTS, mutation).run();
    }
}

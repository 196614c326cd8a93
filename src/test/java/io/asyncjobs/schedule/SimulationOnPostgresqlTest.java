package io.asyncjobs.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** As {@link SimulationTest}, with the service's own statements on PostgreSQL. */
class SimulationOnPostgresqlTest {

    private static final Duration TIME = Duration.ofMinutes(10);
    private static final int SEEDS = Integer.getInteger("simulation.postgresql-seeds", 5);
    private static final long FIRST = Long.getLong("simulation.first", 1);

    @Test
    void no_seed_breaks_a_promise() throws SQLException {
        try (SimulatedPostgres postgres = new SimulatedPostgres(SimulatedConfig.DEFAULTS)) {
            for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
                assertThat(new Simulation(seed, TIME, SimulatedConfig.DEFAULTS, postgres::reset)
                                .run()
                                .violations())
                        .as("seed %d", seed)
                        .isEmpty();
            }

            postgres.execute("delete from run where id in (select id from run where trigger = 'timer' limit 1)");
            assertThat(postgres.check(Duration.ofMinutes(1)))
                    .singleElement()
                    .asString()
                    .contains("is told of 0 times");
        }
    }
}

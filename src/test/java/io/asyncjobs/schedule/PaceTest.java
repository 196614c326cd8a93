package io.asyncjobs.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.testsupport.Fast;
import org.junit.jupiter.api.Test;

@Fast
class PaceTest {

    private static final long TENTH = 100_000_000L;

    private long now = 7 * TENTH;
    private final Pace pace = new Pace();

    @Test
    void the_busiest_tenth_of_a_second_tells_how_many_will_end() {
        end(3);
        now += TENTH;
        end(10);
        now += TENTH;
        end(1);

        assertThat(pace.within(2 * TENTH, now)).isEqualTo(20);
    }

    @Test
    void what_lies_half_a_second_back_counts_no_more() {
        end(10);
        now += 4 * TENTH;
        assertThat(pace.within(TENTH, now)).isEqualTo(10);
        now += TENTH;
        assertThat(pace.within(TENTH, now)).isZero();
        now += 1_000 * TENTH;
        end(2);
        assertThat(pace.within(TENTH, now)).isEqualTo(2);
    }

    private void end(int runs) {
        for (int i = 0; i < runs; i++) {
            pace.ended(now);
        }
    }
}

package io.asyncjobs.script;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.testsupport.Fast;
import org.junit.jupiter.api.Test;

@Fast
class ModeChoiceTest {

    /** Fifteen minutes of periods. */
    private static final int CALM = 180;

    private final ModeChoice choice = new ModeChoice(true, 0.6);

    @Test
    void scripts_are_interpreted_at_first() {
        assertThat(choice.mode()).isEqualTo(WorkerView.Mode.INTERPRETED);
        for (int i = 0; i < 1_000; i++) {
            assertThat(choice.measured(0.59)).isFalse();
        }
        assertThat(choice.mode()).isEqualTo(WorkerView.Mode.INTERPRETED);
    }

    @Test
    void load_of_two_periods_counts() {
        assertThat(choice.measured(1.1)).isFalse();
        assertThat(choice.measured(0)).isFalse();
        assertThat(choice.measured(0.6)).isFalse();
        assertThat(choice.measured(0.6)).isTrue();
        assertThat(choice.mode()).isEqualTo(WorkerView.Mode.COMPILED);
    }

    @Test
    void heavy_load_counts_at_once() {
        assertThat(choice.measured(1.2)).isTrue();
        assertThat(choice.mode()).isEqualTo(WorkerView.Mode.COMPILED);
    }

    @Test
    void only_a_long_calm_ends_compilation() {
        choice.measured(2);
        for (int i = 0; i < 10; i++) {
            for (int calm = 1; calm < CALM; calm++) {
                assertThat(choice.measured(0.05)).isFalse();
            }
            assertThat(choice.measured(0.2)).isFalse();
        }
        for (int calm = 1; calm < CALM; calm++) {
            assertThat(choice.measured(0.09)).isFalse();
        }
        assertThat(choice.measured(0.09)).isTrue();
        assertThat(choice.mode()).isEqualTo(WorkerView.Mode.INTERPRETED);
        assertThat(choice.measured(0.7))
                .as("the load before the change is forgotten")
                .isFalse();
        assertThat(choice.measured(0.7)).isTrue();
    }

    @Test
    void threshold_of_0_compiles_always() {
        ModeChoice always = new ModeChoice(true, 0);
        assertThat(always.mode()).isEqualTo(WorkerView.Mode.COMPILED);
        assertThat(always.isOpen()).isFalse();
        for (int i = 0; i < 2 * CALM; i++) {
            assertThat(always.measured(0)).isFalse();
        }
        assertThat(always.mode()).isEqualTo(WorkerView.Mode.COMPILED);
    }

    @Test
    void what_cannot_be_compiled_is_interpreted_under_any_load() {
        ModeChoice never = new ModeChoice(false, 0.6);
        assertThat(never.measured(8)).isFalse();
        assertThat(never.mode()).isEqualTo(WorkerView.Mode.INTERPRETED);
        assertThat(new ModeChoice(false, 0).mode()).isEqualTo(WorkerView.Mode.INTERPRETED);
    }

    @Test
    void compilation_that_was_given_up_is_not_tried_again() {
        choice.measured(2);
        choice.giveUpCompiling();
        assertThat(choice.mode()).isEqualTo(WorkerView.Mode.INTERPRETED);
        assertThat(choice.measured(8)).isFalse();
        assertThat(choice.mode()).isEqualTo(WorkerView.Mode.INTERPRETED);
    }
}

package io.asyncjobs.provisioning;

import io.asyncjobs.job.JobConfigurations;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A plan, and how it is carried out.
 *
 * @param steps in the order in which they are carried out
 */
record Plan(PlanView view, List<Step> steps) {

    Plan {
        steps = List.copyOf(steps);
    }

    /**
     * One entry.
     *
     * @param tag of the state that it was compared with; null for nothing
     * @param work null where there is nothing to do
     */
    record Step(
            PlanView.ChangeView change,
            @Nullable String tag,
            @Nullable Work work) {}

    /** How a step is carried out. */
    sealed interface Work {

        /** By itself. */
        record Call(Runnable call) implements Work {}

        /** Together with other jobs, after all calls. */
        record Job(JobConfigurations.Saving saving) implements Work {}
    }
}

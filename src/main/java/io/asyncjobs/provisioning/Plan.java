package io.asyncjobs.provisioning;

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
     * @param carriedOut does it
     */
    record Step(PlanView.ChangeView change, @Nullable String tag, Runnable carriedOut) {}
}

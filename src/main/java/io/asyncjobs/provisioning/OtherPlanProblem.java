package io.asyncjobs.provisioning;

import io.asyncjobs.platform.problem.ProblemKind;

/**
 * The problem of an apply whose plan does not hold, with the plan as it is now.
 *
 * @param type as of every problem
 * @param plan what an apply would do now
 */
record OtherPlanProblem(String type, String title, int status, String detail, String instance, PlanView plan) {

    static OtherPlanProblem of(PlanView plan, String instance) {
        return new OtherPlanProblem(
                ProblemKind.BASE + "other-plan",
                ProblemKind.REFUSED.title(),
                ProblemKind.REFUSED.status(),
                "The state or the manifest is not the one that was planned, so nothing was changed. Read the plan as it is"
                        + " now, and apply it with its hash.",
                instance,
                plan);
    }
}

package io.asyncjobs.provisioning;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.asyncjobs.platform.problem.ProblemKind;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The problem of an apply whose plan does not hold, with the plan as it is now.
 *
 * @param type as of every problem
 * @param plan what an apply would do now
 */
@Schema(description = "Why nothing was applied (RFC 9457), with the plan as it is now")
record OtherPlanProblem(
        @Schema(
                description = "Which kind of problem",
                examples = "https://asyncjobs.io/problems#other-plan",
                required = true,
                maxLength = 200)
        String type,

        @Schema(
                description = "The kind in words",
                examples = "The current state does not allow this",
                required = true,
                maxLength = 200)
        String title,

        @Schema(
                description = "The HTTP status",
                examples = "409",
                required = true,
                minimum = "409",
                maximum = "409",
                format = "int32")
        int status,

        @Schema(description = "This case in words", required = true, maxLength = 100_000)
        String detail,

        @Schema(
                description = "The path that was asked for",
                examples = "/api/v1/provisioning/apply",
                required = true,
                maxLength = 2000)
        String instance,

        @Schema(description = "What an apply would do now; absent where something else is in the way")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        PlanView plan) {

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

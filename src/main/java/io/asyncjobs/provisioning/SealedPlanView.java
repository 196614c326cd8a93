package io.asyncjobs.provisioning;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.Locale;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A plan with who planned, who approved and who applied it. */
@Schema(name = "SealedPlan", description = "A plan with who planned, who approved and who applied it")
public record SealedPlanView(
        @Schema(
                description = "The plan's hash",
                examples = "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4",
                maxLength = 64)
        String hash,

        State state,

        @Schema(description = "How many changes it has", minimum = "0", maximum = "2147483647", format = "int32")
        int pending,

        @Schema(description = "Why, as the manifest says", maxLength = 2300) @Nullable
        String reason,

        @Schema(description = "When it was planned", examples = "2026-01-31T12:00:00Z")
        Instant plannedAt,

        @Schema(description = "Who planned it, and so cannot approve it", examples = "ci", maxLength = 200)
        String plannedBy,

        @Schema(description = "When it was approved", examples = "2026-01-31T12:30:00Z") @Nullable
        Instant approvedAt,

        @Schema(description = "Who approved it", examples = "ada", maxLength = 200) @Nullable
        String approvedBy,

        @Schema(description = "Why it was approved", maxLength = 2000) @Nullable
        String approvalReason,

        @Schema(description = "Until when the approval holds", examples = "2026-02-01T12:30:00Z") @Nullable
        Instant expiresAt,

        @Schema(description = "When it was applied", examples = "2026-01-31T13:00:00Z") @Nullable
        Instant appliedAt,

        @Schema(description = "Who applied it", examples = "ci", maxLength = 200) @Nullable
        String appliedBy,

        @Schema(description = "The plan; absent in a list") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
        PlanView plan) {

    /** What can be done with it. */
    @Schema(
            name = "SealedPlanState",
            description =
                    "waiting for its approval, approved and so applicable, expired before it was applied, or applied")
    public enum State {
        @JsonProperty("waiting")
        WAITING,
        @JsonProperty("approved")
        APPROVED,
        @JsonProperty("expired")
        EXPIRED,
        @JsonProperty("applied")
        APPLIED;

        /** As people read it. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static SealedPlanView of(SealedPlan stored, Instant now, @Nullable PlanView plan) {
        return new SealedPlanView(
                stored.hash,
                stored.state(now),
                stored.pending,
                stored.reason,
                stored.plannedAt,
                stored.plannedBy,
                stored.approvedAt,
                stored.approvedBy,
                stored.approvalReason,
                stored.expiresAt,
                stored.appliedAt,
                stored.appliedBy,
                plan);
    }
}

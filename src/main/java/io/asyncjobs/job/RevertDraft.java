package io.asyncjobs.job;

import io.asyncjobs.audit.ReasonParameter;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Size;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Which revision a job goes back to, and why. */
@Schema(description = "Which revision a job goes back to, and why")
public record RevertDraft(
        @Min(1) @Schema(description = "The revision whose configuration is wanted again", examples = "3")
        int revision,

        @Size(max = ReasonParameter.MAX_LENGTH)
        @Schema(description = "Kept with the new revision", examples = "the new filter closes too much")
        @Nullable
        String reason) {}

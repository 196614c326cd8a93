package io.asyncjobs.job;

import io.asyncjobs.audit.ReasonParameter;
import jakarta.validation.constraints.Size;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Why something is done. */
@Schema(description = "Why something is done")
public record ReasonDraft(
        @Size(max = ReasonParameter.MAX_LENGTH)
        @Schema(description = "Kept with the revision", examples = "superseded by the nightly digest")
        @Nullable
        String reason) {}

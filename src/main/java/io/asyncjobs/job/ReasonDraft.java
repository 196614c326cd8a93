package io.asyncjobs.job;

import jakarta.validation.constraints.Size;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Why something is done. */
@Schema(description = "Why something is done")
public record ReasonDraft(
        @Size(max = 2000)
        @Schema(description = "Kept with the revision", examples = "superseded by the nightly digest")
        @Nullable
        String reason) {}

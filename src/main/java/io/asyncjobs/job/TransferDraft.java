package io.asyncjobs.job;

import io.asyncjobs.audit.ReasonParameter;
import io.asyncjobs.platform.Name;
import jakarta.validation.constraints.Size;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Which account takes over the jobs of another, and why. */
@Schema(description = "Which account takes over the jobs of another, and why")
public record TransferDraft(
        @Size(min = 1, max = Name.MAX_LENGTH)
        @Schema(
                description = "The username of the active account that the jobs act as from then on",
                examples = "edc-sync")
        String to,

        @Size(max = ReasonParameter.MAX_LENGTH)
        @Schema(description = "Kept with each new revision", examples = "ben has left the study team")
        @Nullable
        String reason) {}

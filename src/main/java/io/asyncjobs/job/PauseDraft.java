package io.asyncjobs.job;

import io.asyncjobs.audit.ReasonParameter;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Why a job is held, and until when. */
@Schema(description = "Why a job is held, and until when")
public record PauseDraft(
        @Size(max = ReasonParameter.MAX_LENGTH)
        @Schema(description = "Shown while the job is paused", examples = "the lab is offline")
        @Nullable
        String reason,

        @Schema(
                description = "When the job goes on by itself; only by hand unless given",
                examples = "2026-01-31T18:00:00Z")
        @Nullable
        Instant until) {}

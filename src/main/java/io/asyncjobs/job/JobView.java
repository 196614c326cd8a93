package io.asyncjobs.job;

import com.fasterxml.jackson.databind.JsonNode;
import io.asyncjobs.platform.problem.Violation;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A job, whole. */
@Schema(description = "A job with its script and all settings")
public record JobView(
        UUID id,
        String name,
        @Nullable String description,
        boolean archived,
        boolean paused,
        @Nullable Pause pause,

        @Schema(description = Blocked.DESCRIPTION, examples = Blocked.ACCOUNT_INACTIVE, maxLength = 1000) @Nullable
        String blocked,

        @Nullable String associatedUser,
        int pollIntervalSeconds,
        int timeoutSeconds,
        JobLimits limits,

        @Schema(description = "The source; null where it is stored damaged") @Nullable
        String script,

        @Schema(
                description = "What md5sum prints for the script's exact bytes",
                examples = "9e107d9d372bb6826bd81d3542a419d6")
        String scriptMd5,

        String scriptSha256,

        @Schema(
                description = "Whether the script runs in strict mode: false where its text was last changed before all"
                        + " scripts did")
        boolean strict,

        @Schema(
                description = "What the script sees as params; null where they are stored damaged",
                type = SchemaType.OBJECT,
                implementation = Object.class)
        @Nullable
        JsonNode parameters,

        @Schema(type = SchemaType.OBJECT, implementation = Object.class) @Nullable
        JsonNode parametersSchema,

        @Schema(
                description =
                        "What of it is stored damaged, and so missing here; empty of a sound one. Saving the job with"
                                + " these fields repairs it",
                maxItems = 3)
        List<Violation> damage,

        @Schema(description = "The number of the latest save, from 1")
        int revision,

        Instant createdAt,
        String createdBy,
        Instant updatedAt,
        String updatedBy,
        @Nullable Instant nextTickAt,
        JobActivity.@Nullable LastRun lastRun,

        @Schema(ref = "#/components/schemas/RunOutcome") @Nullable
        String lastOutcome,

        @Schema(description = JobActivity.FAILING_SINCE, examples = "2026-01-31T02:14:05Z", maxLength = 32) @Nullable
        Instant failingSince,

        @Schema(description = JobActivity.LAST_SUCCESS_AT, examples = "2026-01-31T02:13:35Z", maxLength = 32) @Nullable
        Instant lastSuccessAt,

        @Schema(description = JobActivity.OVERLAPPED, examples = "13", minimum = "0", maximum = "20")
        int overlappedTicks,

        @Schema(description = JobActivity.OVERLAPPED_LAST_HOUR, examples = "42", minimum = "0", maximum = "3600")
        int overlappedLastHour) {

    public JobView {
        damage = List.copyOf(damage);
    }

    /** Since when, until when, by whom and why a job is held. */
    @Schema(name = "Pause", description = "Since when, until when, by whom and why a job is held")
    public record Pause(
            @Schema(description = "Since when", examples = "2026-01-31T12:00:00Z", required = true, maxLength = 32)
            Instant at,

            @Schema(
                    description = "When it ends by itself; null if only by hand",
                    examples = "2026-01-31T18:00:00Z",
                    required = true,
                    maxLength = 32)
            @Nullable
            Instant until,

            @Schema(description = "Who asked for it", examples = "ada", required = true, maxLength = 200)
            String by,

            @Schema(description = "Why", examples = "the lab is offline", required = true, maxLength = 2000) @Nullable
            String reason) {

        static @Nullable Pause of(Job job) {
            return job.pausedAt == null || job.pausedBy == null
                    ? null
                    : new Pause(job.pausedAt, job.pausedUntil, job.pausedBy, job.pauseReason);
        }
    }
}

package io.asyncjobs.job;

import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A job as it stands in a list. */
@Schema(description = "A job as it stands in a list: no script, no parameters")
public record JobSummary(
        UUID id,
        String name,
        boolean archived,
        boolean paused,

        @Schema(description = Blocked.DESCRIPTION, examples = Blocked.ACCOUNT_INACTIVE, maxLength = 1000) @Nullable
        String blocked,

        @Nullable String associatedUser,
        int pollIntervalSeconds,
        String scriptMd5,
        String scriptSha256,
        int revision,
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

    static JobSummary of(ListedJob job, JobActivity activity) {
        return new JobSummary(
                job.id(),
                job.name(),
                job.archived(),
                job.pausedAt() != null,
                Blocked.why(job, activity),
                job.associatedUser(),
                job.pollIntervalSeconds(),
                job.scriptMd5(),
                job.scriptSha256(),
                job.revision(),
                job.updatedAt(),
                job.updatedBy(),
                job.archived() ? null : activity.nextTickAt(),
                activity.lastRun(),
                activity.lastOutcome(),
                activity.failingSince(),
                activity.lastSuccessAt(),
                activity.overlappedTicks(),
                activity.overlappedLastHour());
    }
}

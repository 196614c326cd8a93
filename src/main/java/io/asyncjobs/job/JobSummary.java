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

        @Schema(description = Blocked.DESCRIPTION, enumeration = Blocked.ACCOUNT_INACTIVE) @Nullable
        String blocked,

        @Nullable String associatedUser,
        int pollIntervalSeconds,
        String scriptMd5,
        String scriptSha256,
        int revision,
        Instant updatedAt,
        String updatedBy,
        @Nullable Instant nextTickAt,
        JobActivity.@Nullable LastRun lastRun) {

    static JobSummary of(Job job, JobActivity activity) {
        return new JobSummary(
                job.id,
                job.name,
                job.archived,
                job.paused(),
                Blocked.why(job),
                job.associatedAccount == null ? null : job.associatedAccount.username(),
                job.pollIntervalSeconds,
                job.script.md5,
                job.script.sha256,
                job.revision,
                job.updatedAt,
                job.updatedBy,
                job.archived ? null : activity.nextTickAt(),
                activity.lastRun());
    }
}

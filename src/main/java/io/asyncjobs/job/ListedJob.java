package io.asyncjobs.job;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What a list shows of a job, and all that it reads of one: script, parameters and texts may be large. */
record ListedJob(
        UUID id,
        String name,
        boolean archived,
        @Nullable Instant pausedAt,
        @Nullable String associatedUser,
        @Nullable Boolean userIsActive,
        int pollIntervalSeconds,
        String scriptMd5,
        String scriptSha256,
        int revision,
        Instant updatedAt,
        String updatedBy) {

    /** For a select clause; the query names job, script and account {@code j}, {@code s} and {@code a}. */
    static final String SELECTED =
            "new io.asyncjobs.job.ListedJob(j.id, j.name, j.archived, j.pausedAt, a.username, a.active,"
                    + " j.pollIntervalSeconds, s.md5, s.sha256, j.revision, j.updatedAt, j.updatedBy)";
}

package io.asyncjobs.schedule;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A run that somebody asks for.
 *
 * @param revision which one of the job's; null for the latest at the claim
 * @param parameters of this run alone, as JSON; null for those of the revision
 */
public record ManualRun(
        UUID job, @Nullable Integer revision, @Nullable String parameters) {

    /** A run of the job as it is at the claim. */
    static ManualRun of(UUID job) {
        return new ManualRun(job, null, null);
    }
}

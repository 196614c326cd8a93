package io.asyncjobs.job;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How many of the jobs in use are paused.
 *
 * @param until when the last of these pauses ends; null where one ends only by hand
 */
public record PausedJobsView(
        long paused, long inUse, @Nullable Instant until) {

    /** Whether most jobs are, as during maintenance: then whoever looks at any page should know. */
    public boolean isMost() {
        return paused > 1 && paused * 2 > inUse;
    }
}

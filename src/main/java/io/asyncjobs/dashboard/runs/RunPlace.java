package io.asyncjobs.dashboard.runs;

import io.asyncjobs.job.JobView;
import io.asyncjobs.run.history.RunNeighbours;
import org.jspecify.annotations.Nullable;

/**
 * Where a run stands: among the runs of its job, and to the job as it is now.
 *
 * @param job null once it is gone
 * @param reasonRequired whether each change needs a reason
 */
public record RunPlace(
        RunNeighbours.Around around, @Nullable JobView job, boolean reasonRequired) {

    /** Whether the job can run again. */
    public boolean canRun() {
        return job != null && !job.archived();
    }

    /** Whether the job was saved since that revision; false once it is gone. */
    public boolean isChangedSince(int revision) {
        return job != null && job.revision() != revision;
    }
}

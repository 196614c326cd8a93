package io.asyncjobs.dashboard.runs;

import io.asyncjobs.dashboard.shell.JobHeads;
import io.asyncjobs.job.JobOperations;
import io.asyncjobs.job.JobView;
import io.asyncjobs.platform.problem.UnknownException;
import io.asyncjobs.run.history.RunNeighbours;
import io.asyncjobs.run.history.RunOperations;
import io.asyncjobs.run.history.RunView;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.UUID;

/** Finds what the pages of one run are about. */
@Singleton
class RunFinder {

    private final RunOperations runs;
    private final RunNeighbours neighbours;
    private final JobOperations jobs;
    private final JobHeads heads;

    RunFinder(RunOperations runs, RunNeighbours neighbours, JobOperations jobs, JobHeads heads) {
        this.runs = runs;
        this.neighbours = neighbours;
        this.jobs = jobs;
        this.heads = heads;
    }

    /** That run of that job; {@link UnknownException} when there is none. */
    RunView run(UUID job, UUID id) {
        RunView run = runs.get(id);
        if (!run.jobId().equals(job)) {
            throw new UnknownException("There is no run with the id " + id + " of that job.");
        }
        return run;
    }

    RunPlace place(RunView run) {
        return new RunPlace(neighbours.of(run), job(run).orElse(null), heads.reasonRequired());
    }

    /** The last run before it that succeeded. */
    Optional<UUID> lastSuccess(RunView run) {
        return Optional.ofNullable(neighbours.of(run).lastSuccess());
    }

    /** Its job as it is now; empty once that is gone. */
    private Optional<JobView> job(RunView run) {
        try {
            return Optional.of(jobs.get(run.jobId().toString()).body());
        } catch (UnknownException e) {
            return Optional.empty();
        }
    }
}

package io.asyncjobs.dashboard.jobs;

import io.asyncjobs.dashboard.shell.JobRow;
import io.asyncjobs.job.JobOperations;
import io.asyncjobs.job.JobSummary;
import io.asyncjobs.job.PauseDraft;
import io.asyncjobs.platform.problem.DomainException;
import io.asyncjobs.run.history.RunOperations;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Does to several jobs what can be done to one, job by job: each is its own transaction with its own audit event. */
@Singleton
class BulkActions {

    private final JobOperations jobs;
    private final RunOperations runs;

    BulkActions(JobOperations jobs, RunOperations runs) {
        this.jobs = jobs;
        this.runs = runs;
    }

    /** What that would do to these jobs; those that are gone are left out. */
    BulkPlan plan(BulkAction action, Collection<UUID> ids, String until) {
        return new BulkPlan(
                action,
                jobs.summaries(ids).stream()
                        .map(job -> action.of(new JobRow(job, List.of())))
                        .toList(),
                until);
    }

    /** Does it, and goes on where a job refuses. */
    BulkReport carryOut(BulkAction action, Collection<UUID> ids, @Nullable String reason, @Nullable Instant until) {
        int done = 0;
        List<BulkReport.Refused> refused = new ArrayList<>();
        for (JobSummary job : jobs.summaries(ids)) {
            try {
                carryOut(action, job.id().toString(), reason, until);
                done++;
            } catch (DomainException e) {
                refused.add(new BulkReport.Refused(job.id(), job.name(), String.valueOf(e.getMessage())));
            }
        }
        return new BulkReport(action, done, refused);
    }

    private void carryOut(BulkAction action, String job, @Nullable String reason, @Nullable Instant until) {
        switch (action) {
            case PAUSE -> jobs.pause(job, new PauseDraft(reason, until));
            case RESUME -> jobs.resume(job, reason);
            case RUN -> runs.start(job, reason);
            case ARCHIVE -> jobs.setArchived(job, true, reason, "*");
        }
    }
}

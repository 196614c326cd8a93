package io.asyncjobs.dashboard;

import io.asyncjobs.job.JobSummary;
import io.asyncjobs.run.RunHistory;
import java.util.List;

/**
 * A job in the list.
 *
 * @param marks its latest runs, oldest first
 */
public record JobRow(JobSummary job, List<RunHistory.Mark> marks) {

    public JobRow {
        marks = List.copyOf(marks);
    }

    /** The outcome of its latest run in words. */
    public String lastOutcome() {
        return job.lastRun() == null ? "" : Formats.outcomeWords(job.lastRun().outcome());
    }

    /** Whether and why it runs or does not. */
    public String status() {
        if (job.archived()) {
            return "archived";
        }
        if (job.paused()) {
            return "paused";
        }
        return job.blocked() != null ? "blocked" : "active";
    }
}

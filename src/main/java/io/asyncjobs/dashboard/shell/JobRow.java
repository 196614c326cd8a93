package io.asyncjobs.dashboard.shell;

import io.asyncjobs.job.JobSummary;
import io.asyncjobs.run.history.RunActivities;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A job in the list.
 *
 * @param marks its latest runs, oldest first
 */
public record JobRow(JobSummary job, List<RunActivities.Mark> marks) {

    public JobRow {
        marks = List.copyOf(marks);
    }

    /** The outcome of its latest run in words. */
    public String lastOutcome() {
        return job.lastRun() == null ? "" : Formats.outcomeWords(job.lastRun().outcome());
    }

    /** The outcome before, of a job that runs; empty where there is none. */
    public String outcomeBefore() {
        boolean runs = job.lastRun() != null && job.lastRun().outcome() == null;
        return runs && job.lastOutcome() != null ? Formats.outcomeWords(job.lastOutcome()) : "";
    }

    /** Whether and why it runs or does not. */
    public String status() {
        return status(job.archived(), job.paused(), job.blocked());
    }

    static String status(boolean archived, boolean paused, @Nullable String blocked) {
        if (archived) {
            return "archived";
        }
        if (paused) {
            return "paused";
        }
        return blocked != null ? "blocked" : "active";
    }
}

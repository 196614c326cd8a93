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

    /** Its latest run that has ended; null where none of the marks has. */
    public RunActivities.@Nullable Mark lastEnded() {
        return marks.reversed().stream()
                .filter(mark -> mark.outcome() != null)
                .findFirst()
                .orElse(null);
    }

    /** Whether a run goes on. */
    public boolean running() {
        return job.lastRun() != null && job.lastRun().outcome() == null;
    }

    /** Whether somebody has to look at it. */
    public boolean fails() {
        return !job.archived() && (job.failingSince() != null || job.blocked() != null);
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

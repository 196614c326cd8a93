package io.asyncjobs.dashboard.shell;

import io.asyncjobs.job.JobView;
import io.asyncjobs.platform.http.Tagged;

/**
 * What stands above each page of a job: its name, its status and what can be done with it.
 *
 * @param etag of the state that the reader sees; forms send it back
 * @param reasonRequired whether each change needs a reason
 */
public record JobHead(JobView job, String etag, Tab tab, boolean reasonRequired) {

    /** A page of a job. */
    public enum Tab {
        OVERVIEW("", "Overview"),
        RUNS("/runs", "Runs"),
        REVISIONS("/revisions", "Revisions"),
        STATE("/state", "State");

        private final String path;
        private final String title;

        Tab(String path, String title) {
            this.path = path;
            this.title = title;
        }

        public String path() {
            return path;
        }

        public String title() {
            return title;
        }
    }

    static JobHead of(Tagged<JobView> job, Tab tab, boolean reasonRequired) {
        return new JobHead(job.body(), job.etag(), tab, reasonRequired);
    }

    /** All pages of a job, in their order. */
    public Tab[] tabs() {
        return Tab.values();
    }

    /** The path of the job's page. */
    public String path() {
        return Shell.Section.JOBS.path() + "/" + job.id();
    }

    /** Whether and why it runs or does not. */
    public String status() {
        return JobRow.status(job.archived(), job.paused(), job.blocked());
    }

    /** The outcome of the run before the one that goes on, in words; empty where none goes on, or none was before. */
    public String outcomeBefore() {
        boolean runs = job.lastRun() != null && job.lastRun().outcome() == null;
        return runs && job.lastOutcome() != null ? Formats.outcomeWords(job.lastOutcome()) : "";
    }

    /** The outcome of its latest run in words. */
    public String lastOutcome() {
        return job.lastRun() == null ? "" : Formats.outcomeWords(job.lastRun().outcome());
    }
}

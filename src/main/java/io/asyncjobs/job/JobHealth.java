package io.asyncjobs.job;

/** A part of all jobs, by how they do; a job may be in several. */
public enum JobHealth {
    /** All that are not archived. */
    ALL,
    /** Not archived, and the last run that was not cancelled failed, or the job is blocked. */
    FAILING,
    /** A run goes on. */
    RUNNING,
    /** Paused, and not archived. */
    PAUSED,
    ARCHIVED;

    boolean takes(JobCandidate job) {
        return switch (this) {
            case ALL -> !job.archived();
            case FAILING -> job.fails();
            case RUNNING -> job.state().running();
            case PAUSED -> job.paused() && !job.archived();
            case ARCHIVED -> job.archived();
        };
    }
}

package io.asyncjobs.job;

import java.util.Collection;
import java.util.Map;
import java.util.UUID;

/** What jobs do at the moment; a port carried out by the packages above. */
public interface JobActivities {

    /** The activities of these jobs, read in one go; a job that is missing has none. */
    Map<UUID, JobActivity> of(Collection<UUID> jobs);

    /**
     * A query in SQL that gives this outcome for the jobs that have it, and something else or null for others; {@code ?}
     * stands for the job's id. The outcome is that of the latest run that has ended, {@code running} while a run goes on, or
     * {@code none} of a job that never ran: a job that runs has two.
     */
    String outcomeSql(String outcome);
}

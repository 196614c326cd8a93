package io.asyncjobs.job;

import java.util.Collection;
import java.util.Map;
import java.util.UUID;

/** What jobs do at the moment; a port carried out by the packages above. */
public interface JobActivities {

    /** The activities of these jobs, read in one go; a job that is missing has none. */
    Map<UUID, JobActivity> of(Collection<UUID> jobs);

    /**
     * A query in SQL that gives the outcome of a job's latest run, {@code running} while one goes on, {@code none} when there
     * was none; {@code ?} stands for the job's id.
     */
    String outcomeSql();
}

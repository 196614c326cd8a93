package io.asyncjobs.job;

import java.util.Collection;
import java.util.Map;
import java.util.UUID;

/** What jobs do at the moment; a port carried out by the packages above. */
public interface JobActivities {

    /** The activities of these jobs, read in one go; a job that is missing has none. */
    Map<UUID, JobActivity> of(Collection<UUID> jobs);
}

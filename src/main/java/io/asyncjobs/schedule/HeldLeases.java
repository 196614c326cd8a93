package io.asyncjobs.schedule;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/**
 * Which runs hold their job's lease, for the packages above. Reads in the caller's transaction and locks nothing: by the time
 * of the answer a run may have ended, and a run that has ended never holds a lease again.
 */
public final class HeldLeases {

    private HeldLeases() {}

    /** The node where that run of the job goes on; empty once it has ended. */
    public static Optional<UUID> nodeOf(Handle handle, UUID job, UUID run) {
        return handle.createQuery("select lease_node from job_timer where job_id = :job and lease_run = :run")
                .bind("job", job)
                .bind("run", run)
                .mapTo(UUID.class)
                .findOne();
    }

    /** The runs of these jobs that go on. */
    public static Set<UUID> ofJobs(Handle handle, Collection<UUID> jobs) {
        return new HashSet<>(handle.createQuery(
                        "select lease_run from job_timer where job_id = any(:jobs) and lease_run is not null")
                .bindArray("jobs", UUID.class, jobs.toArray())
                .mapTo(UUID.class)
                .list());
    }

    /** All runs that go on, the one claimed first at the front. */
    public static List<UUID> all(Handle handle) {
        return handle.createQuery("select lease_run from job_timer where lease_run is not null order by lease_run")
                .mapTo(UUID.class)
                .list();
    }
}

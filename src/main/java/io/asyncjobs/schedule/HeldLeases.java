package io.asyncjobs.schedule;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/**
 * Which runs hold their job's lease, in the caller's transaction. Where nothing is locked, a run may have ended by the time of
 * the answer; a run that has ended never holds a lease again.
 */
public final class HeldLeases {

    private static final String HELD = """
            select c.run_id
            from unnest(:jobIds, :runIds, :epochs) as c (job_id, run_id, epoch)
                join job_timer t on t.job_id = c.job_id
            where t.epoch = c.epoch and t.lease_run = c.run_id
            order by t.job_id
            """;

    private static final NamedStatement LOOK = new NamedStatement(HELD);
    private static final NamedStatement LOCK = new NamedStatement(HELD + "for update of t");
    private static final NamedStatement LOCK_PASSING_OVER = new NamedStatement(HELD + "for update of t skip locked");

    private HeldLeases() {}

    /** Which of these runs still hold their job's lease. */
    public static Set<UUID> held(Handle handle, List<Claim> claims) {
        return query(LOOK, handle, claims);
    }

    /**
     * Locks the leases of these runs until the transaction ends and tells which are still held. What the others wrote or want
     * to write no longer counts.
     */
    public static Set<UUID> lock(Handle handle, List<Claim> claims) {
        return query(LOCK, handle, claims);
    }

    /** As {@link #lock}, passing over those whose rows somebody has locked. */
    public static Set<UUID> lockPassingOver(Handle handle, List<Claim> claims) {
        return query(LOCK_PASSING_OVER, handle, claims);
    }

    private static Set<UUID> query(NamedStatement statement, Handle handle, List<Claim> claims) {
        return new HashSet<>(
                statement.query(handle.getConnection(), columns(claims), row -> row.getObject("run_id", UUID.class)));
    }

    /** The ids and epochs of claims, as {@code jobIds}, {@code runIds} and {@code epochs}. */
    static Map<String, Object> columns(List<Claim> claims) {
        return Map.of(
                "jobIds", RowArrays.column(claims, UUID.class, Claim::jobId),
                "runIds", RowArrays.column(claims, UUID.class, Claim::runId),
                "epochs", RowArrays.column(claims, Long.class, Claim::epoch));
    }

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

package io.asyncjobs.schedule;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** The database of a {@link Simulation}: {@link SimulatedTables}, or PostgreSQL with the service's own statements. */
interface SimulatedDatabase {

    void addJob(UUID job, int intervalSeconds, Instant firstTick);

    /** Somebody locks the job's timer until then. */
    void lock(UUID job, long nanos);

    /** Holds the job, or lets it go on, as of now; false where that cannot be or changes nothing. */
    boolean pause(UUID job, boolean paused);

    /**
     * Where the ledger does not say of each tick exactly once that it ran, or why not; and jobs that do not go on.
     *
     * @param patience how old a next tick may be
     */
    List<String> check(Duration patience);

    /** For a new process. */
    Access access(SimulatedNode node, Fence fence, Holdings holdings);

    /** What one process asks of the database. Each may fail, and may have had its effect all the same. */
    interface Access {

        void register();

        Beat renew();

        boolean prefers(UUID job);

        void announceLeaving();

        void leave();

        List<TimerRepository.Row> timers();

        List<UUID> overdue(List<UUID> jobs);

        Claims.Answer claim(List<UUID> jobs, Duration horizon);

        List<Claim> giveBack(List<Claim> claims);

        /** The job's state, which each run counts up. */
        int state(UUID job);

        /** @param read the state that each run read */
        Set<UUID> complete(List<Completion> done, Map<UUID, Integer> read);

        List<UUID> endLost();
    }
}

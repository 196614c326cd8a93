package io.asyncjobs.job;

import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What jobs do at the moment; a port carried out by the packages above. */
public interface JobActivities {

    /** The activities of these jobs, read in one go; a job that is missing has none. */
    Map<UUID, JobActivity> of(Collection<UUID> jobs);

    /**
     * How a job does, as far as its timer tells.
     *
     * @param blocked whether its timer is set aside
     */
    record State(
            boolean running,
            boolean blocked,
            @Nullable Instant failingSince,
            @Nullable Instant lastSuccessAt) {

        /** Of a job whose timer is not made yet. */
        static final State NONE = new State(false, false, null, null);
    }

    /** How all jobs do, read in one go. */
    Map<UUID, State> states();

    /**
     * Those of these jobs that have this outcome, found in one go: that of the latest run that has ended, {@code running}
     * while a run goes on, or {@code none} for a job that never ran. A job that runs has two outcomes.
     */
    Set<UUID> withOutcome(Collection<UUID> jobs, String outcome);
}

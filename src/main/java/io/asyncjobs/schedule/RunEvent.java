package io.asyncjobs.schedule;

import java.time.Instant;
import java.util.UUID;

/** A step in the life of a run or of a tick that this node has carried out. What the database had to store is committed. */
public sealed interface RunEvent {

    UUID jobId();

    /** This node has won the lease of the job for this run. */
    record Claimed(Claim claim) implements RunEvent {
        @Override
        public UUID jobId() {
            return claim.jobId();
        }
    }

    /** The claim of a run that never started was given back: there is no such run any more. */
    record GivenBack(Claim claim) implements RunEvent {
        @Override
        public UUID jobId() {
            return claim.jobId();
        }
    }

    /** A worker has taken the run. */
    record Started(Claim claim) implements RunEvent {
        @Override
        public UUID jobId() {
            return claim.jobId();
        }
    }

    /** The run does not use its slot any more. Its end may not be committed yet. */
    record SlotFreed(Claim claim) implements RunEvent {
        @Override
        public UUID jobId() {
            return claim.jobId();
        }
    }

    /** The end of the run is committed, or was refused because the lease was gone. Another run of the job may be claimed. */
    record Ended(UUID jobId, UUID runId, RunOutcome outcome, Instant at) implements RunEvent {}

    /**
     * Ticks on which no run started.
     *
     * @param reason as in the ledger: {@code down}, {@code stalled}, {@code overlap} or {@code paused}
     */
    record Gap(UUID jobId, Instant firstTick, long ticks, int intervalSeconds, String reason) implements RunEvent {}
}

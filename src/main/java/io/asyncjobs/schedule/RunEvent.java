package io.asyncjobs.schedule;

import java.time.Instant;
import java.util.UUID;

/** A step in the life of a run or of a tick that this node has carried out. What the database had to store is committed. */
public sealed interface RunEvent {

    UUID jobId();

    /** A step of a run by the claim under which it goes on. */
    sealed interface OfClaim extends RunEvent {

        Claim claim();

        @Override
        default UUID jobId() {
            return claim().jobId();
        }
    }

    /** This node has won the lease of the job for this run. */
    record Claimed(Claim claim) implements OfClaim {}

    /** The claim of a run that never started was given back: there is no such run any more. */
    record GivenBack(Claim claim) implements OfClaim {}

    /** A worker has taken the run. */
    record Started(Claim claim) implements OfClaim {}

    /** The run does not use its slot any more. Its end may not be committed yet. */
    record SlotFreed(Claim claim) implements OfClaim {}

    /**
     * The run is over on this node, and its lease was gone when its end was to be stored. Either the same end had been stored
     * by a statement whose answer was lost, or another node had ended the run as lost. Only the database knows its outcome.
     */
    record LeaseGone(Claim claim, Instant at) implements OfClaim {}

    /** The end of the run is committed: another run of the job may be claimed. */
    record Ended(UUID jobId, UUID runId, RunOutcome outcome, Instant at) implements RunEvent {}

    /**
     * Ticks on which no run started.
     *
     * @param reason as in the ledger: {@code down}, {@code stalled}, {@code overlap} or {@code paused}
     */
    record Gap(UUID jobId, Instant firstTick, long ticks, int intervalSeconds, String reason) implements RunEvent {}
}

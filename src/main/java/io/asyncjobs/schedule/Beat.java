package io.asyncjobs.schedule;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * What the database answered to a heartbeat: the time, who lives, and what there is to do. One question a second instead of
 * one for each of these. Fired, to be observed apart from the heartbeat, when there is something to do.
 *
 * @param renewed whether this node still counts as living
 * @param jobsChanged whether timers may have to be made to match jobs that changed a moment ago
 * @param cancellations whether runs have been asked to end, on whichever node
 */
public record Beat(
        Instant at,
        boolean renewed,
        List<UUID> live,
        boolean nodeDied,
        boolean pauseOver,
        boolean jobsChanged,
        boolean cancellations) {

    /** The same after heartbeats that failed: jobs may have changed meanwhile, and nobody was told. */
    Beat afterSilence() {
        return new Beat(at, renewed, live, nodeDied, pauseOver, true, cancellations);
    }

    /** Whether timers and leases are to be looked at. */
    boolean asksForRound() {
        return nodeDied || pauseOver || jobsChanged;
    }
}

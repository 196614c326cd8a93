package io.asyncjobs.schedule;

import io.asyncjobs.platform.Clock;
import jakarta.inject.Singleton;
import java.time.Duration;

/**
 * Tells whether this node may act: only while its last acknowledged heartbeat is young enough that no other node can have
 * taken its leases.
 *
 * <p>Each time the heartbeat was late, a new term begins, and what was claimed in an earlier one may never act again: a node
 * that slept and wakes finds its old runs fenced even if its next heartbeat is acknowledged before anybody looked.
 * Thread-safe.
 */
@Singleton
public class Fence {

    private final Clock clock;
    private final long limitNanos;
    private volatile long renewedAt;
    private volatile int term;

    Fence(ScheduleConfig config, Clock clock) {
        this.clock = clock;
        this.limitNanos = config.fenceAfter().toNanos();
        this.renewedAt = clock.elapsedNanos();
    }

    /** A heartbeat that was sent at that time of {@link Clock#elapsedNanos} has been acknowledged. */
    synchronized void renewed(long sent) {
        if (sent - renewedAt > limitNanos) {
            endTerm();
        }
        renewedAt = Math.max(renewedAt, sent);
    }

    /** This node has a new identity, and holds nothing. */
    synchronized void joined(long sent) {
        endTerm();
        renewedAt = sent;
    }

    private void endTerm() {
        term = term + 1;
    }

    /** How long ago the last acknowledged heartbeat was sent. */
    Duration sinceRenewal() {
        return Duration.ofNanos(clock.elapsedNanos() - renewedAt);
    }

    /** The present term, to be compared later. */
    int term() {
        return term;
    }

    /** Whether what was claimed in that term may act now. */
    boolean allows(int claimedIn) {
        return claimedIn == term && clock.elapsedNanos() - renewedAt <= limitNanos;
    }
}

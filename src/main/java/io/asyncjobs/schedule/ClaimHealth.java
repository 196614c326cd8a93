package io.asyncjobs.schedule;

import io.asyncjobs.platform.DatabaseFaults;
import io.asyncjobs.platform.Moment;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/** Whether a node's claims succeed, and what follows for the next one. Not thread-safe. */
final class ClaimHealth {

    /** A claim takes some milliseconds; one that takes so long makes this node not ready. */
    private static final Duration SLOW_CLAIM = Duration.ofSeconds(1);

    private static final int MOST_AT_ONCE = 1_000;

    private boolean fenced;
    private boolean failing;
    private int atMost = MOST_AT_ONCE;
    /** The nanoTime of a claim that the database has not answered yet. */
    private OptionalLong askingSince = OptionalLong.empty();
    /** Since when claims have been possible without a break. */
    private Instant ableSince = Instant.EPOCH;

    void started(Moment now) {
        ableSince = now.at();
    }

    void fenced(boolean on, Moment now) {
        fenced = on;
        if (!on) {
            ableSince = now.at();
        }
    }

    boolean isFenced() {
        return fenced;
    }

    void asking(Moment now) {
        askingSince = OptionalLong.of(now.nanoTime());
    }

    /** @return whether this is the first claim that failed after those that did not */
    boolean answered(Claims.Answer answer, Moment now) {
        askingSince = OptionalLong.empty();
        if (answer.failure() != null) {
            boolean first = !failing;
            failing = true;
            if (DatabaseFaults.isOfWaiting(answer.failure())) {
                atMost = Math.max(1, answer.open().size() / 2);
            }
            return first;
        }
        atMost = Math.min(MOST_AT_ONCE, atMost * 2);
        if (failing) {
            failing = false;
            ableSince = now.at();
        }
        return false;
    }

    /** How many jobs are asked for at most: fewer after a claim that the database did not complete in time. */
    int atMost() {
        return atMost;
    }

    /** A tick that waited for a slot runs late; one that fell due more than a lease ago in an outage does not run. */
    Duration horizon(Duration lease, Moment now) {
        return failing ? lease : Duration.between(ableSince, now.at()).plus(lease);
    }

    /** Why this node claims nothing at present; empty while it does or could. */
    Optional<String> trouble(Moment now) {
        if (fenced) {
            return Optional.of("This node has lost contact with the database.");
        }
        if (failing) {
            return Optional.of("Claims fail; the log has more.");
        }
        if (askingSince.isPresent() && now.nanoTime() - askingSince.getAsLong() > SLOW_CLAIM.toNanos()) {
            return Optional.of("The database does not answer a claim.");
        }
        return Optional.empty();
    }
}

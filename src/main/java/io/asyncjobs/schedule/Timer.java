package io.asyncjobs.schedule;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/**
 * One active job's time grid, as the reconciler last read it.
 *
 * @param basis when the configuration behind it changed; tells an old timer of a job from its new one
 */
record Timer(UUID jobId, Instant basis, Instant anchor, int intervalSeconds) {

    private static final long NANOS = 1_000_000_000L;

    /** The first tick after that instant. */
    Instant tickAfter(Instant instant) {
        long interval = intervalSeconds * NANOS;
        long elapsed = Duration.between(anchor, instant).toNanos();
        return elapsed < 0 ? anchor : anchor.plusNanos((elapsed / interval + 1) * interval);
    }
}

package io.asyncjobs.platform;

import java.time.Duration;
import java.time.Instant;

/**
 * One moment on two clocks.
 *
 * @param at the database's time
 * @param nanoTime the same moment as {@link System#nanoTime} of this process
 */
public record Moment(Instant at, long nanoTime) {

    /** The {@link System#nanoTime} at that instant of the database's clock. */
    public long nanoTimeAt(Instant instant) {
        return nanoTime + Duration.between(at, instant).toNanos();
    }
}

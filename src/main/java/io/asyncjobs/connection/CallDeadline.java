package io.asyncjobs.connection;

import java.time.Duration;

/**
 * When a call must be over.
 *
 * @param nanoTime a value of {@link System#nanoTime}
 * @param words how long that was, for a message: {@code within 10 s}
 */
public record CallDeadline(long nanoTime, String words) {

    /** The earlier of the connection's own limit, from now on, and the caller's deadline. */
    public static CallDeadline of(int limitMillis, long callersNanoTime) {
        long own = System.nanoTime() + Duration.ofMillis(limitMillis).toNanos();
        return own - callersNanoTime <= 0
                ? new CallDeadline(own, within(limitMillis))
                : new CallDeadline(callersNanoTime, "in the time that the run had left");
    }

    public static String within(int millis) {
        return millis % 1000 == 0 ? "within " + millis / 1000 + " s" : "within " + millis + " ms";
    }

    public long leftNanos() {
        return nanoTime - System.nanoTime();
    }
}

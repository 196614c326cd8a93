package io.asyncjobs.script;

import java.time.Duration;

/**
 * What one run may use.
 *
 * @param wallTime from the moment a worker is given the run; past it the run is {@code TIMED_OUT}
 * @param logBytes UTF-8 bytes of texts and data; what passes it is dropped, with a last line that says so
 * @param resultBytes UTF-8 bytes of the result's JSON; past it the run is {@code LIMIT_EXCEEDED}
 * @param hostCalls calls that the node carries out; past it the run is {@code LIMIT_EXCEEDED}
 * @param waitingBytes UTF-8 bytes of the arguments of calls under way; past it the run is {@code LIMIT_EXCEEDED}
 * @param callBytes UTF-8 bytes of the arguments of all calls; past it the run is {@code LIMIT_EXCEEDED}
 */
public record ScriptLimits(
        Duration wallTime, long logBytes, long resultBytes, int hostCalls, long waitingBytes, long callBytes) {

    private static final long MAX_BYTES = 4L * 1024 * 1024;

    public ScriptLimits {
        if (wallTime.isNegative() || wallTime.isZero() || wallTime.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException("wallTime out of range: " + wallTime);
        }
        if (logBytes < 0
                || logBytes > MAX_BYTES
                || resultBytes < 0
                || resultBytes > MAX_BYTES
                || hostCalls < 0
                || waitingBytes < 0
                || callBytes < 0) {
            throw new IllegalArgumentException("a limit is out of range");
        }
    }

    /** The usual limits beside the wall time: 256 KiB of log, 64 KiB of result, 10,000 host calls. */
    public static ScriptLimits of(Duration wallTime) {
        return of(wallTime, 256 * 1024, 64 * 1024, 10_000);
    }

    /** With the usual limits for what the calls carry: 32 MiB under way, 512 MiB in all. */
    public static ScriptLimits of(Duration wallTime, long logBytes, long resultBytes, int hostCalls) {
        return new ScriptLimits(wallTime, logBytes, resultBytes, hostCalls, 32L * 1024 * 1024, 512L * 1024 * 1024);
    }
}

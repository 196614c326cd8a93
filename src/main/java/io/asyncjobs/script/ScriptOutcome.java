package io.asyncjobs.script;

import org.jspecify.annotations.Nullable;

/**
 * How a run ended.
 *
 * @param resultJson only of a run that succeeded
 * @param error of every other
 * @param startedNanoTime when a worker was given the run, on the clock of {@link System#nanoTime()}; for a run that no
 *     worker was given, the same as {@code finishedNanoTime}
 */
public record ScriptOutcome(
        Kind kind,
        @Nullable String resultJson,
        @Nullable ScriptError error,
        long startedNanoTime,
        long finishedNanoTime,
        boolean logTruncated) {

    /** The outcomes of the design. */
    public enum Kind {
        SUCCEEDED,
        FAILED,
        TIMED_OUT,
        LIMIT_EXCEEDED,
        CANCELLED,
        /** The worker process died under it. */
        LOST
    }

    public ScriptOutcome {
        if (kind == Kind.SUCCEEDED ? resultJson == null || error != null : resultJson != null || error == null) {
            throw new IllegalArgumentException("a run that succeeded has a result, every other has an error");
        }
    }
}

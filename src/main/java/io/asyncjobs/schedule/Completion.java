package io.asyncjobs.schedule;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a claimed run ended, as it is to be recorded.
 *
 * @param result JSON text, or null when the script returned nothing
 * @param error JSON text of the error, or null
 * @param effects JSON text of what the run changed outside, or null
 */
public record Completion(
        Claim claim,
        @Nullable Instant startedAt,
        Instant finishedAt,
        RunOutcome outcome,
        @Nullable String result,
        @Nullable String error,
        @Nullable String effects,
        boolean logTruncated) {}

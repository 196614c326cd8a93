package io.asyncjobs.run;

import java.time.Instant;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The ledger of a job's ticks in a window of time.
 *
 * @param expected always {@code ran} and all gaps together
 * @param late of those that ran, how many started more than a second after their tick
 * @param effectiveIntervalSeconds the mean distance of runs in time, or null with fewer than two
 */
@Schema(name = "Ticks", description = "What became of a job's ticks in a window of time; expected = ran + all gaps")
public record TicksView(
        Instant from,
        Instant to,
        long expected,
        long ran,
        long late,

        @Schema(description = "Ticks that had no run, by reason")
        Map<String, Long> gaps,

        int configuredIntervalSeconds,
        @Nullable Double effectiveIntervalSeconds,
        Durations durationMillis) {

    /** Percentiles of run times in milliseconds; null without runs. */
    @Schema(name = "Durations", description = "Percentiles of run times, in milliseconds")
    public record Durations(
            @Nullable Double p50,
            @Nullable Double p95,
            @Nullable Double p99) {}
}

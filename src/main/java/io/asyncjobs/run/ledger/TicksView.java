package io.asyncjobs.run.ledger;

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
 * @param driftWarning says that runs take longer than the interval; null where they do not
 */
@Schema(name = "Ticks", description = "What became of a job's ticks in a window of time; expected = ran + all gaps")
public record TicksView(
        Instant from,
        Instant to,
        long expected,
        long ran,
        long late,

        @Schema(
                maxProperties = 10,
                description = "Of those that ran, how many ended how; runs that go on, and those of hours that an older"
                        + " version added up, are in none")
        Map<String, Long> outcomes,

        @Schema(description = "Ticks that had no run, by reason")
        Map<String, Long> gaps,

        int configuredIntervalSeconds,
        @Nullable Double effectiveIntervalSeconds,
        Durations durationMillis,

        @Schema(
                maxLength = 200,
                description =
                        "Says that the 95th percentile of run times exceeds the interval, so that ticks fall due while a run"
                                + " goes on; null where it does not",
                examples = "95 % of runs end within 1512 ms, which is longer than the interval of 1 s")
        @Nullable
        String driftWarning) {

    /** Percentiles of run times in milliseconds; null without runs that have ended. */
    @Schema(name = "Durations", description = "Percentiles of run times, in milliseconds; right to 2.2 %")
    public record Durations(
            @Nullable Double p50,
            @Nullable Double p95,
            @Nullable Double p99) {}
}

package io.asyncjobs.run.ledger;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The ledger of a job's ticks over time: buckets of one width, without gaps between them; the last one may be cut by
 * {@code to}.
 */
@Schema(name = "TickSeries", description = "What became of a job's ticks, bucket by bucket")
public record TickSeriesView(
        Instant from,
        Instant to,

        @Schema(description = "How long a bucket is", examples = "300")
        long bucketSeconds,

        int configuredIntervalSeconds,

        @Schema(maxItems = 500, description = "In order, those without ticks included")
        List<Bucket> buckets) {

    public TickSeriesView {
        buckets = List.copyOf(buckets);
    }

    /** The ticks of {@code [from, from + bucketSeconds)}; {@code expected = ran + all gaps}. */
    @Schema(name = "TickBucket", description = "What became of the ticks of a bucket; expected = ran + all gaps")
    public record Bucket(
            Instant from,
            long expected,
            long ran,

            @Schema(description = "Of those that ran, how many started more than a second after their tick")
            long late,

            @Schema(
                    maxProperties = 10,
                    description =
                            "Of those that ran, how many ended how; runs that go on, and those of hours that an older"
                                    + " version added up, are in none")
            Map<String, Long> outcomes,

            @Schema(description = "Ticks that had no run, by reason")
            Map<String, Long> gaps,

            BucketDurations durationMillis) {}

    /** Percentiles of run times in milliseconds; null without runs that have ended. */
    @Schema(name = "BucketDurations", description = "Percentiles of run times, in milliseconds")
    public record BucketDurations(
            @Nullable Double p50, @Nullable Double p95) {}
}

package io.asyncjobs.job;

import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What a job does at the moment.
 *
 * @param lastOutcome that of the latest run that has ended
 * @param overlappedTicks how many of the last {@value #RECENT_TICKS} ticks had no run, since the one before went on
 * @param blocked why its timer is set aside; null where it is not
 */
public record JobActivity(
        @Nullable Instant nextTickAt,
        @Nullable LastRun lastRun,
        @Nullable String lastOutcome,
        int overlappedTicks,
        @Nullable String blocked) {

    /** How many ticks back a list looks for skipped ones. */
    public static final int RECENT_TICKS = 20;

    /** What views say of {@code overlappedTicks}. */
    static final String OVERLAPPED = "How many of the last " + RECENT_TICKS
            + " ticks had no run because the run before still went on; above 0 the job takes longer than its interval";

    /** Nothing is known of it. */
    public static final JobActivity NONE = new JobActivity(null, null, null, 0, null);

    /** The job's latest run; its outcome is null while it runs. */
    @Schema(name = "LastRun", description = "The latest run of a job; outcome and finishedAt are null while it runs")
    public record LastRun(
            UUID id,

            @Schema(ref = "#/components/schemas/RunOutcome") @Nullable
            String outcome,

            Instant scheduledFor,
            @Nullable Instant startedAt,
            @Nullable Instant finishedAt,
            @Nullable Long durationMillis) {}
}

package io.asyncjobs.job;

import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What a job does at the moment.
 *
 * @param lastOutcome that of the latest run that has ended
 * @param failingSince when the first run that failed since the last success ended, or the timer was set aside; null while it
 *     does not fail
 * @param lastSuccessAt when the last run that succeeded ended, however long ago that was
 * @param overlappedTicks how many of the last {@value #RECENT_TICKS} ticks had no run, since the one before went on
 * @param overlappedLastHour how many ticks of the last hour had none for that reason
 * @param blocked why its timer is set aside; null where it is not
 */
public record JobActivity(
        @Nullable Instant nextTickAt,
        @Nullable LastRun lastRun,
        @Nullable String lastOutcome,
        @Nullable Instant failingSince,
        @Nullable Instant lastSuccessAt,
        int overlappedTicks,
        int overlappedLastHour,
        @Nullable String blocked) {

    /** How many ticks back a list looks for skipped ones. */
    public static final int RECENT_TICKS = 20;

    /** What views say of {@code overlappedTicks}. */
    static final String OVERLAPPED = "How many of the last " + RECENT_TICKS
            + " ticks had no run because the run before still went on; above 0 the job takes longer than its interval";

    /** What views say of {@code failingSince}. */
    static final String FAILING_SINCE =
            "Since when the job fails: when the first run since the last success ended as failed,"
                    + " timed_out, limit_exceeded or lost, or when its timer was set aside. Cancelled runs do not count. Null while the job"
                    + " does not fail";

    /** What views say of {@code lastSuccessAt}. */
    static final String LAST_SUCCESS_AT =
            "When the last run that succeeded ended, also where that run is deleted by now; null" + " if none ever did";

    /** What views say of {@code overlappedLastHour}. */
    static final String OVERLAPPED_LAST_HOUR =
            "How many ticks of the last hour had no run because the run before still went on";

    /** Nothing is known of it. */
    public static final JobActivity NONE = new JobActivity(null, null, null, null, null, 0, 0, null);

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

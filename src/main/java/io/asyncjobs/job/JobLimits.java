package io.asyncjobs.job;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import jakarta.validation.constraints.Min;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** What a run may use beside its time; null takes the service's default. Each has a ceiling in the configuration. */
@Embeddable
@Schema(description = "What a run may use beside its time; null takes the service's default")
public record JobLimits(
        @Column(name = "log_bytes")
        @Min(0)
        @Schema(
                description = "Bytes of the log; what passes it is dropped, with a line that says so",
                examples = "262144")
        @Nullable
        Integer logBytes,

        @Column(name = "result_bytes")
        @Min(0)
        @Schema(description = "Bytes of the result's JSON; past it the run ends", examples = "65536")
        @Nullable
        Integer resultBytes,

        @Column(name = "state_chars")
        @Min(0)
        @Schema(description = "Characters of all keys and values of the job's state", examples = "1048576")
        @Nullable
        Integer stateChars,

        @Column(name = "host_calls")
        @Min(0)
        @Schema(description = "Calls of functions that reach outside the script", examples = "10000")
        @Nullable
        Integer hostCalls) {

    /** Says nothing. */
    public static final JobLimits DEFAULT = new JobLimits(null, null, null, null);

    /** What the database holds: nothing at all reads as null. */
    static JobLimits of(@Nullable JobLimits stored) {
        return stored == null ? DEFAULT : stored;
    }
}

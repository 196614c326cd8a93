package io.asyncjobs.run.history;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A run as a client sees it. */
@Schema(name = "Run", description = "One execution of a job's script")
public record RunView(
        UUID id,
        UUID jobId,
        @Nullable String jobName,
        int revision,
        @Nullable String scriptMd5,

        @Schema(ref = "#/components/schemas/RunTrigger") String trigger,

        @Schema(description = "The tick, or for a run by hand when it was asked for")
        Instant scheduledFor,

        @Nullable Instant startedAt,
        @Nullable Instant finishedAt,
        @Nullable Long durationMillis,

        @Schema(ref = "#/components/schemas/RunOutcome") @Nullable
        String outcome,

        @Schema(description = "The name of the node that ran it") @Nullable
        String node,

        long epoch,

        @Schema(description = "The associated user at that time") @Nullable
        String user,

        @Schema(
                description =
                        "Whether the run was given parameters of its own, which are kept with it and not with the job")
        boolean parametersOverridden,

        @Schema(
                description =
                        "The parameters the run has, its own or those of its revision; null in lists, and where the job"
                                + " is gone",
                type = SchemaType.OBJECT,
                implementation = Object.class)
        @JsonRawValue
        @Nullable
        String parameters,

        @Schema(description = "What the script returned, as JSON", implementation = Object.class)
        @JsonRawValue
        @Nullable
        String result,

        @Schema(implementation = RunError.class) @JsonRawValue @Nullable
        String error,

        @Schema(
                description = "What the run changed outside itself, in order; null where nothing",
                type = SchemaType.ARRAY,
                implementation = EffectView.class)
        @JsonRawValue
        @Nullable
        String effects,

        @Schema(description = "Whether lines were dropped because the log was full")
        boolean logTruncated,

        @Schema(
                description =
                        "Only in lists: what of the run is too large for one, each over 2,048 bytes. Result and effects"
                                + " are null then, the error is its message's beginning; GET /runs/{id} has them",
                examples = "[\"result\"]",
                maxItems = 3)
        List<String> omitted) {

    public RunView {
        omitted = List.copyOf(omitted);
    }

    RunView withError(String shown) {
        return new RunView(
                id,
                jobId,
                jobName,
                revision,
                scriptMd5,
                trigger,
                scheduledFor,
                startedAt,
                finishedAt,
                durationMillis,
                outcome,
                node,
                epoch,
                user,
                parametersOverridden,
                parameters,
                result,
                shown,
                effects,
                logTruncated,
                omitted);
    }

    /** The shape of an entry of {@link RunView#effects}. */
    @Schema(name = "Effect", description = "A host call that changed something, or in a trial would have")
    public record EffectView(
            @Schema(description = "When") Instant at,

            @Schema(description = "The host function", examples = "state.set")
            String call,

            @Schema(description = "What it changed: a key, for instance", examples = "since")
            String target,

            @Schema(description = "To what; cut where it is long", implementation = Object.class)
            @JsonRawValue
            @Nullable
            String value,

            @JsonInclude(JsonInclude.Include.NON_NULL)
            @Schema(description = "Why the call failed; left out where it did not", maxLength = 2000)
            @Nullable
            String error) {}

    /** The shape of {@link RunView#error}. */
    @Schema(description = "Why a run did not succeed; line and column are the script's own, from 1")
    public record RunError(
            String message,
            @Nullable Integer line,
            @Nullable Integer column,
            @Nullable String stack) {}
}

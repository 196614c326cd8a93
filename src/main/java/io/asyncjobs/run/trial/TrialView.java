package io.asyncjobs.run.trial;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import io.asyncjobs.run.history.RunView;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** What came of a trial. */
@Schema(name = "Trial", description = "What came of a trial; nothing of it is stored")
public record TrialView(
        @Schema(
                description = "How it ended",
                examples = "succeeded",
                enumeration = {"succeeded", "failed", "timed_out", "limit_exceeded", "cancelled", "lost"})
        String outcome,

        @Schema(description = "What md5sum prints for the script's exact bytes")
        String scriptMd5,

        @Schema(description = "Whom the script acted as") @Nullable
        String user,

        Instant startedAt,
        Instant finishedAt,
        long durationMillis,

        @Schema(description = "What the script returned, as JSON", implementation = Object.class)
        @JsonRawValue
        @Nullable
        String result,

        @Schema(implementation = RunView.RunError.class) @JsonRawValue @Nullable
        String error,

        @Schema(
                description = "What the script would have changed, in order",
                type = SchemaType.ARRAY,
                implementation = RunView.EffectView.class)
        @JsonRawValue
        String effects,

        @Schema(description = "What it logged", type = SchemaType.ARRAY, implementation = LogEntry.class) @JsonRawValue
        String log,

        @Schema(description = "Whether lines were dropped because the log was full")
        boolean logTruncated) {

    /** The shape of an entry of {@link TrialView#log}. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @Schema(name = "LogEntry", description = "An entry of a log")
    public record LogEntry(
            Instant at,

            @Schema(
                    description = "How grave it is",
                    enumeration = {"debug", "info", "warn", "error"})
            String level,

            @Schema(description = "What the script wrote; data, whatever it holds")
            String text,

            @Schema(
                    description = "What the script gave beside the text; left out where nothing",
                    implementation = Object.class)
            @JsonRawValue
            @Nullable
            String data) {}
}

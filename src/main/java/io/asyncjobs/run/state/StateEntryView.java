package io.asyncjobs.run.state;

import com.fasterxml.jackson.annotation.JsonRawValue;
import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A value that a job's script keeps from run to run. */
@Schema(name = "StateEntry", description = "A value that a job's script keeps from run to run")
public record StateEntryView(
        @Schema(description = "The name the script knows it by", examples = "since", minLength = 1, maxLength = 500)
        String key,

        @Schema(
                description = "Any JSON; null in a list where omitted says so",
                examples = "\"2026-01-31T12:00:00Z\"",
                implementation = Object.class)
        @JsonRawValue
        @Nullable
        String value,

        @Schema(
                description =
                        "Only in lists: whether the value is left out, since the page would be larger than 1 MiB with it;"
                                + " GET …/state/{key} has it")
        boolean omitted,

        @Schema(description = "When it was last set") Instant updatedAt,

        @Schema(description = "Who set it by hand; null if a run did") @Nullable
        String updatedBy,

        @Schema(description = "The run that set it; null if somebody did by hand") @Nullable
        UUID updatedByRun) {}

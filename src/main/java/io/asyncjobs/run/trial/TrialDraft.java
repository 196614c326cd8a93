package io.asyncjobs.run.trial;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.job.JobDraft;
import io.asyncjobs.platform.Name;
import io.asyncjobs.platform.shape.ForScripts;
import io.asyncjobs.script.ScriptSize;
import io.asyncjobs.script.ScriptSource;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Size;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A script to try. */
@Schema(description = "A script to try; with job, whatever is left out is taken from that job")
public record TrialDraft(
        @Size(max = 600)
        @Schema(description = "The id or name of the job whose script, parameters, user, state and time limit are used")
        @Nullable
        String job,

        @ScriptSize
        @Schema(
                maxLength = ScriptSource.MAX_BYTES,
                description = "The data script; required without job",
                examples = "await state.set('seen', 1); return params.maxAgeDays;")
        @Nullable
        String script,

        @ForScripts
        @Schema(description = "What the script sees as params", type = SchemaType.OBJECT, implementation = Object.class)
        @Nullable
        ObjectNode parameters,

        @Size(max = Name.MAX_LENGTH)
        @Schema(description = "The username of the account to act as", examples = "edc-sync")
        @Nullable
        String associatedUser,

        @Min(1)
        @Max(JobDraft.MAX_SECONDS)
        @Schema(description = "Seconds after which the trial is ended; 60 without job")
        @Nullable
        Integer timeoutSeconds) {}

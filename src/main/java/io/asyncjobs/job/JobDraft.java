package io.asyncjobs.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.audit.ReasonParameter;
import io.asyncjobs.platform.Name;
import io.asyncjobs.platform.ValidName;
import io.asyncjobs.platform.json.Texts;
import io.asyncjobs.platform.shape.ForScripts;
import io.asyncjobs.script.ScriptSize;
import io.asyncjobs.script.ScriptSource;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A job as a client wants it. */
@Schema(description = "A job as it is wanted")
public record JobDraft(
        @ValidName
        @Schema(
                minLength = 1,
                maxLength = Name.MAX_LENGTH,
                description = "Unique among all jobs, archived ones too, whatever its case",
                examples = "close-stale-queries")
        String name,

        @NotBlank
        @ScriptSize
        @Schema(
                maxLength = ScriptSource.MAX_BYTES,
                description = "The data script: the body of an async JavaScript function, at most 1 MiB of UTF-8",
                examples = "log.info('checked', params.maxAgeDays); return { checked: 3 };")
        String script,

        @Min(1) @Max(MAX_SECONDS) @Schema(description = "Seconds from tick to tick", defaultValue = "60")
        int pollIntervalSeconds,

        @ForScripts
        @Schema(
                description =
                        "What the script sees as params. Kept as it is written: 1.10 stays 1.10, and the script sees the"
                                + " nearest double. A whole number that no double holds is refused; send it as a text",
                defaultValue = "{}",
                type = SchemaType.OBJECT,
                implementation = Object.class)
        ObjectNode parameters,

        @Schema(
                description =
                        "A JSON Schema (draft 2020-12) that the parameters must hold to at each save; at most 64 KiB,"
                                + " and it refers to nothing outside itself",
                type = SchemaType.OBJECT,
                implementation = Object.class)
        @Nullable
        ObjectNode parametersSchema,

        @Size(max = Name.MAX_LENGTH)
        @Schema(description = "The username of the account that the job acts as", examples = "edc-sync")
        @Nullable
        String associatedUser,

        @Min(1) @Max(MAX_SECONDS) @Schema(description = "Seconds after which a run is ended", defaultValue = "60")
        int timeoutSeconds,

        @Valid
        @Schema(description = "What a run may use beside its time; the service's defaults where it is not said")
        @Nullable
        JobLimits limits,

        @Size(max = 4000) @Schema(description = "What the job is for") @Nullable
        String description,

        @Size(max = ReasonParameter.MAX_LENGTH)
        @Schema(description = "Why this change is made; kept with the revision")
        @Nullable
        String reason) {

    public JobDraft {
        associatedUser = Texts.emptyToNull(associatedUser);
        description = Texts.emptyToNull(description);
        reason = Texts.emptyToNull(reason);
    }

    /** The longest time from tick to tick, and the longest time limit of a run. */
    public static final int MAX_SECONDS = 300;

    /** The most characters of parameters, written as JSON: they travel to the worker together with the script. */
    public static final int MAX_PARAMETERS_CHARS = 2 * 1024 * 1024;

    /** The same but for the script, and why. */
    JobDraft withScript(String other, @Nullable String why) {
        return new JobDraft(
                name,
                other,
                pollIntervalSeconds,
                parameters,
                parametersSchema,
                associatedUser,
                timeoutSeconds,
                limits,
                description,
                why);
    }
}

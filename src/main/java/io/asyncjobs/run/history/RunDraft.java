package io.asyncjobs.run.history;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.audit.ReasonParameter;
import io.asyncjobs.platform.shape.ForScripts;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Size;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A run as a client asks for it. */
@Schema(description = "A run that is asked for; the job as it is, unless said otherwise")
public record RunDraft(
        @ForScripts
        @Schema(
                description =
                        "Parameters of this run alone, all of them: they are kept with the run and never with the job."
                                + " They must hold to the schema of the revision. The revision's, where left out",
                type = SchemaType.OBJECT,
                implementation = Object.class)
        @Nullable
        ObjectNode parameters,

        @Min(1)
        @Schema(
                description = "The revision to run, with its script, user and limits; the latest, where left out",
                examples = "3")
        @Nullable
        Integer revision,

        @Size(max = ReasonParameter.MAX_LENGTH)
        @Schema(description = "Kept with the audit event", examples = "the queue was down at the last run")
        @Nullable
        String reason) {

    /** A run of the job as it is. */
    static RunDraft because(@Nullable String reason) {
        return new RunDraft(null, null, reason);
    }
}

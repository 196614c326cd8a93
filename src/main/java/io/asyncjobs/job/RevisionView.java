package io.asyncjobs.job;

import com.fasterxml.jackson.databind.JsonNode;
import io.asyncjobs.platform.problem.Violation;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A revision, whole. */
@Schema(description = "Everything a job was at one save; never changes")
public record RevisionView(
        @Schema(description = "The number of the save, from 1", examples = "3", minimum = "1")
        int revision,

        @Schema(
                description = "What kind of change",
                examples = "updated",
                enumeration = {"created", "updated", "archived", "unarchived", "reverted"})
        String change,

        Instant savedAt,
        String savedBy,
        @Nullable String reason,
        String name,
        @Nullable String description,
        boolean archived,
        @Nullable String associatedUser,
        int pollIntervalSeconds,
        int timeoutSeconds,
        JobLimits limits,

        @Schema(description = "The source; null where it is stored damaged") @Nullable
        String script,

        String scriptMd5,
        String scriptSha256,

        @Schema(
                description = "Whether the script runs in strict mode: false where its text was last changed before all"
                        + " scripts did")
        boolean strict,

        @Schema(
                description = "What the script sees as params; null where they are stored damaged",
                type = SchemaType.OBJECT,
                implementation = Object.class)
        @Nullable
        JsonNode parameters,

        @Schema(type = SchemaType.OBJECT, implementation = Object.class) @Nullable
        JsonNode parametersSchema,

        @Schema(
                description =
                        "What of it is stored damaged, and so missing here; empty of a sound one. Saving the job with"
                                + " these fields repairs it",
                maxItems = 3)
        List<Violation> damage) {

    public RevisionView {
        damage = List.copyOf(damage);
    }
}

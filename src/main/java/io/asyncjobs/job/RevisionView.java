package io.asyncjobs.job;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
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
        String script,
        String scriptMd5,
        String scriptSha256,

        @Schema(type = SchemaType.OBJECT, implementation = Object.class)
        JsonNode parameters,

        @Schema(type = SchemaType.OBJECT, implementation = Object.class) @Nullable
        JsonNode parametersSchema) {}

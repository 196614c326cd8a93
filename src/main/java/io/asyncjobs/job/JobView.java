package io.asyncjobs.job;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A job, whole. */
@Schema(description = "A job with its script and all settings")
public record JobView(
        UUID id,
        String name,
        @Nullable String description,
        boolean archived,
        boolean paused,
        @Nullable String associatedUser,
        int pollIntervalSeconds,
        int timeoutSeconds,
        String script,

        @Schema(
                description = "What md5sum prints for the script's exact bytes",
                examples = "9e107d9d372bb6826bd81d3542a419d6")
        String scriptMd5,

        String scriptSha256,
        @Schema(implementation = Object.class) JsonNode parameters,
        @Schema(implementation = Object.class) @Nullable JsonNode parametersSchema,

        @Schema(description = "The number of the latest save, from 1")
        int revision,

        Instant createdAt,
        String createdBy,
        Instant updatedAt,
        String updatedBy,
        @Nullable Instant nextTickAt,
        JobActivity.@Nullable LastRun lastRun) {}

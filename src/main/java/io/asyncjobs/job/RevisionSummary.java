package io.asyncjobs.job;

import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A revision as it stands in a list. */
@Schema(description = "A revision as it stands in a list: who saved what kind of change, when and why")
public record RevisionSummary(
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
        boolean archived,
        @Nullable String associatedUser,
        int pollIntervalSeconds,
        String scriptMd5,
        String scriptSha256) {}

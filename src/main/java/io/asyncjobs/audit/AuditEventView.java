package io.asyncjobs.audit;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** An event of the trail as a client sees it. */
@Schema(description = "An event of the audit trail: who did what, when, why, with the old and the new value")
public record AuditEventView(
        @Schema(description = "Its place in the chain, from 1 and without gaps", examples = "17", minimum = "1")
        long seq,

        @Schema(description = "When, by the database's clock")
        Instant at,

        @Schema(description = "Who; system where nobody else is named", examples = "ada", maxLength = 1500)
        String actor,

        @Schema(
                description = "Whom the actor acted for, where that is somebody else",
                examples = "ada",
                maxLength = 1500)
        @Nullable
        String onBehalfOf,

        @Schema(
                description = "By which way",
                examples = "api",
                enumeration = {"api", "dashboard", "script", "system"})
        String via,

        @Schema(description = "What kind of thing was changed", examples = "job", maxLength = 1500)
        String entityType,

        @Schema(description = "Its id", examples = "0198c8a4-7d0e-7c3b-9f52-6a4b1c2d3e4f", maxLength = 1500)
        String entityId,

        @Schema(description = "Its name at that time", examples = "close-stale-queries", maxLength = 1500) @Nullable
        String entityName,

        @Schema(description = "What was done", examples = "update", maxLength = 1500)
        String action,

        @Schema(
                description = "The old values of the fields that changed; null where there was nothing",
                implementation = Object.class)
        @JsonRawValue
        @Nullable
        String before,

        @Schema(
                description = "The new values of the fields that changed; null where nothing is left",
                implementation = Object.class)
        @JsonRawValue
        @Nullable
        String after,

        @Schema(description = "Why", examples = "the new site uses another status") @Nullable
        String reason,

        @Schema(description = "The job it concerns") @Nullable
        UUID jobId,

        @Schema(description = "The run that did it, or that it was done to") @Nullable
        UUID runId,

        @Schema(
                description = "The keyed hash over all of this and the hash of the event before",
                examples = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                minLength = 64,
                maxLength = 64)
        String hash,

        @Schema(
                description =
                        "Only where the values are too large for a list: before and after are null here, and this says how"
                                + " large they are and where they can be had",
                examples = "before and after have 2097184 bytes; they are in /api/v1/audit/export",
                maxLength = 1500)
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        String valuesOmitted) {

    static AuditEventView of(LinkedEvent linked) {
        return of(linked, null);
    }

    static AuditEventView of(LinkedEvent linked, @Nullable String valuesOmitted) {
        AuditRecord event = linked.event();
        return new AuditEventView(
                linked.seq(),
                event.at(),
                event.actor(),
                event.onBehalfOf(),
                event.via(),
                event.entityType(),
                event.entityId(),
                event.entityName(),
                event.action(),
                event.before(),
                event.after(),
                event.reason(),
                event.jobId(),
                event.runId(),
                linked.hash(),
                valuesOmitted);
    }
}

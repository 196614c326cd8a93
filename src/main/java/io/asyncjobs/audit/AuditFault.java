package io.asyncjobs.audit;

import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** The first thing that is wrong with the trail. */
@Schema(description = "The first thing that is wrong with the trail")
public record AuditFault(
        @Schema(
                description =
                        "What kind of fault: altered (what the event says), missing (events before it), reordered (its"
                                + " place), forged (not made with the key), unknown_key, unreadable, cut (events after it), rewritten"
                                + " (unlike a checkpoint), forged_checkpoint, unlinked (waiting for too long)")
        Kind kind,

        @Schema(description = "The event's place, or where one is missing", examples = "17", minimum = "0")
        long seq,

        @Schema(
                description = "The event as people would name it",
                examples = "update of job close-stale-queries by ada",
                maxLength = 5000)
        @Nullable
        String event,

        @Schema(
                description = "What was found, in a sentence",
                examples = "Event 17 does not say what it said when it was sealed.")
        String message) {

    /** Kinds of faults. */
    @Schema(name = "AuditFaultKind")
    public enum Kind {
        ALTERED,
        MISSING,
        REORDERED,
        FORGED,
        UNKNOWN_KEY,
        UNREADABLE,
        CUT,
        REWRITTEN,
        FORGED_CHECKPOINT,
        UNLINKED
    }
}

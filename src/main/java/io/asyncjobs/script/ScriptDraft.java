package io.asyncjobs.script;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A script to be looked at. */
@Schema(description = "A script to be checked")
public record ScriptDraft(
        @ScriptSize
        @Schema(
                maxLength = ScriptSource.MAX_BYTES,
                description = "The body of an async JavaScript function",
                examples = "return { checked: params.maxAgeDays };")
        String script) {}

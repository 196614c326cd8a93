package io.asyncjobs.script;

import jakarta.validation.constraints.Size;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A script to be looked at. */
@Schema(description = "A script to be checked")
public record ScriptDraft(
        @Size(max = ScriptSource.MAX_BYTES)
        @Schema(
                description = "The body of an async JavaScript function",
                examples = "return { checked: params.maxAgeDays };")
        String script) {}

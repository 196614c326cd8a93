package io.asyncjobs.script;

import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What was found in a script. */
@Schema(name = "ScriptCheck", description = "Whether a script parses, and its digests")
public record ScriptCheckView(
        @Schema(description = "Whether it could be saved as it is", required = true)
        boolean valid,

        @Schema(
                description = "What md5sum prints for its UTF-8 bytes",
                examples = "9e107d9d372bb6826bd81d3542a419d6",
                required = true,
                maxLength = 32)
        String md5,

        @Schema(description = "SHA-256 of the same bytes, in hex", required = true, maxLength = 64)
        String sha256,

        @Schema(description = "Why it does not parse; empty where it does", required = true, maxItems = 1000)
        List<ScriptProblem> problems) {

    public ScriptCheckView {
        problems = List.copyOf(problems);
    }
}

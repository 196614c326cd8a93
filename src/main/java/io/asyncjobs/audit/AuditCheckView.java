package io.asyncjobs.audit;

import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** What verifying the trail came to. */
@Schema(description = "What verifying the audit trail came to")
public record AuditCheckView(
        @Schema(description = "Whether nothing is wrong") boolean intact,

        @Schema(description = "How many events were verified, up to the first fault", examples = "1042", minimum = "0")
        long events,

        @Schema(
                description = "The hash of the last one",
                examples = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                minLength = 64,
                maxLength = 64)
        String hash,

        @Schema(
                description = "How many checkpoints it was compared with; without any, a cut tail would not show",
                examples = "12",
                minimum = "0")
        long checkpoints,

        @Nullable AuditFault firstFault,

        @Schema(
                description =
                        "How many events the database refused to append; they are kept and tried again, and the others go on",
                examples = "0",
                minimum = "0")
        long setAside,

        @Schema(description = "What verifying cannot show as things are configured, in sentences", maxItems = 10)
        List<String> warnings) {

    public AuditCheckView {
        warnings = List.copyOf(warnings);
    }
}

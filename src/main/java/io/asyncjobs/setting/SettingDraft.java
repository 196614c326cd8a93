package io.asyncjobs.setting;

import io.asyncjobs.audit.ReasonParameter;
import jakarta.validation.constraints.Size;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** The system setting as a client wants it. */
@Schema(description = "The system setting as it is wanted; what is fixed may be left out")
public record SettingDraft(
        @Schema(description = "Fixed", examples = "Async Job Manager") @Nullable @Size(max = 200)
        String name,

        @Schema(description = "Fixed", examples = "Support") @Nullable @Size(max = 200)
        String type,

        @Schema(description = "Fixed: superadmin alone", maxItems = 100) @Nullable @Size(max = 100)
        List<@Size(max = 200) String> roles,

        @Schema(description = "Whether its component is shown on the dashboard", examples = "true")
        boolean enabled,

        @Size(max = ReasonParameter.MAX_LENGTH)
        @Schema(description = "Why this change is made; kept on the audit trail")
        @Nullable
        String reason) {

    public SettingDraft {
        roles = roles == null ? null : List.copyOf(roles);
    }
}

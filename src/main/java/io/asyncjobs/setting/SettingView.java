package io.asyncjobs.setting;

import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** The system setting as a client sees it. */
@Schema(description = "What the service is within the product around it")
public record SettingView(
        @Schema(description = "Never changes", examples = "Async Job Manager", maxLength = 200)
        String name,

        @Schema(description = "What kind of part it is; never changes", examples = "Support", maxLength = 200)
        String type,

        @Schema(description = "The roles that may see and use it: superadmin alone", maxItems = 1)
        List<@Size(max = 200) String> roles,

        @Schema(description = "Whether its component is shown on the dashboard; jobs run either way", examples = "true")
        boolean enabled,

        Instant updatedAt,
        String updatedBy) {

    public SettingView {
        roles = List.copyOf(roles);
    }

    static SettingView of(Setting setting) {
        return new SettingView(
                setting.name, setting.type, setting.roles, setting.enabled, setting.updatedAt, setting.updatedBy);
    }
}

package io.asyncjobs.account;

import io.asyncjobs.audit.ReasonParameter;
import io.asyncjobs.platform.Name;
import io.asyncjobs.platform.ValidName;
import jakarta.validation.constraints.Email;
import jakarta.validation.constraints.Size;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** All of an account but its name, which the address says. */
@Schema(description = "All of an account to replace; its name is that of the address")
public record AccountReplacement(
        @Schema(description = "May be left out; otherwise the name of the address", examples = "ada", minLength = 1)
        @Nullable
        @ValidName
        @Size(max = Name.MAX_LENGTH)
        String username,

        @Schema(
                description = "As people know the user; the username when absent",
                examples = "Ada Lovelace",
                minLength = 1)
        @Nullable
        @ValidName
        @Size(max = Name.MAX_LENGTH)
        String displayName,

        @Schema(description = "Who stands behind it", examples = "person", defaultValue = "person")
        AccountKind kind,

        @Schema(description = "Where to reach them", examples = "ada@example.com") @Nullable @Email @Size(max = 254)
        String email,

        @Schema(description = "Whether jobs may act as this account", examples = "true", defaultValue = "true")
        boolean active,

        @Size(max = ReasonParameter.MAX_LENGTH)
        @Schema(description = "Why this change is made; kept on the audit trail")
        @Nullable
        String reason) {

    AccountDraft of(String name) {
        return new AccountDraft(username == null ? name : username, displayName, kind, email, active, reason);
    }
}

package io.asyncjobs.account;

import io.asyncjobs.audit.ReasonParameter;
import io.asyncjobs.platform.Name;
import io.asyncjobs.platform.ValidName;
import io.asyncjobs.platform.json.Texts;
import jakarta.validation.constraints.Email;
import jakarta.validation.constraints.Size;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** An account as a client sends it. */
@Schema(description = "An account to create, or all of it to replace")
public record AccountDraft(
        @Schema(
                description = "Unique, whatever the case; never changes. Trimmed and brought to Unicode NFC",
                examples = "ada",
                required = true,
                minLength = 1,
                maxLength = Name.MAX_LENGTH)
        @ValidName
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

    public AccountDraft {
        displayName = Texts.emptyToNull(displayName);
        email = Texts.emptyToNull(email);
    }
}

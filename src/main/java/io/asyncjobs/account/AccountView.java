package io.asyncjobs.account;

import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** An account as a client sees it. */
@Schema(description = "A user that changes can be attributed to: a person or a system")
public record AccountView(
        @Schema(
                description = "Never changes",
                examples = "0198c8a4-7d0e-7c3b-9f52-6a4b1c2d3e4f",
                required = true,
                maxLength = 36)
        UUID id,

        @Schema(
                description = "Unique, whatever the case; never changes",
                examples = "ada",
                required = true,
                maxLength = 200)
        String username,

        @Schema(description = "As people know the user", examples = "Ada Lovelace", required = true, maxLength = 200)
        String displayName,

        @Schema(description = "Who stands behind it", examples = "person", required = true)
        AccountKind kind,

        @Schema(description = "Where to reach them", examples = "ada@example.com", required = true, maxLength = 254)
        @Nullable
        String email,

        @Schema(description = "Whether jobs may act as this account", examples = "true", required = true)
        boolean active,

        @Schema(description = "When it was created", examples = "2026-01-31T12:00:00Z", required = true, maxLength = 32)
        Instant createdAt,

        @Schema(description = "Who created it", examples = "ada", required = true, maxLength = 200)
        String createdBy,

        @Schema(
                description = "When it was last changed",
                examples = "2026-01-31T12:00:00Z",
                required = true,
                maxLength = 32)
        Instant updatedAt,

        @Schema(description = "Who changed it last", examples = "ada", required = true, maxLength = 200)
        String updatedBy,

        @Schema(
                description = "In the answer to a change, where the account is inactive: the jobs whose runs fail for"
                        + " that; null elsewhere")
        @Nullable
        AffectedJobsView affectedJobs) {

    static AccountView of(Account account) {
        return of(account, null);
    }

    static AccountView of(Account account, @Nullable AffectedJobsView affectedJobs) {
        return new AccountView(
                account.id,
                account.username,
                account.displayName,
                account.kind,
                account.email,
                account.active,
                account.createdAt,
                account.createdBy,
                account.updatedAt,
                account.updatedBy,
                affectedJobs);
    }
}

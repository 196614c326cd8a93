package io.asyncjobs.connection;

import io.asyncjobs.audit.ReasonParameter;
import io.asyncjobs.platform.json.Texts;
import jakarta.validation.constraints.Size;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A connection as a client wants it. */
@Schema(description = "A connection as it is wanted; either http or postgresql is given")
public record ConnectionDraft(
        @Schema(description = "What it is for") @Nullable @Size(max = 4000)
        String description,

        @Schema(description = "A web service") @Nullable HttpSettings http,

        @Schema(description = "A PostgreSQL database") @Nullable
        PostgresqlSettings postgresql,

        @Schema(
                description = "The password, the token or the header's value; never shown again. When absent, the one"
                        + " that is stored stays, as long as it goes to the same place",
                writeOnly = true)
        @Nullable
        @Size(min = 1, max = 8000)
        String secret,

        @Size(max = ReasonParameter.MAX_LENGTH)
        @Schema(description = "Why this change is made; kept on the audit trail")
        @Nullable
        String reason) {

    public ConnectionDraft {
        description = Texts.emptyToNull(description);
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "ConnectionDraft[http=" + http + ", postgresql=" + postgresql + "]";
    }
}

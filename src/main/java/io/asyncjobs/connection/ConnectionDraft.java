package io.asyncjobs.connection;

import io.asyncjobs.audit.ReasonParameter;
import io.asyncjobs.platform.json.Texts;
import jakarta.validation.constraints.Size;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
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

        @Schema(
                description = "Certificates: whom to trust, and how the connection shows who it is",
                examples = "{\"caCertificate\": \"-----BEGIN CERTIFICATE-----…\"}")
        @Nullable
        TlsSettings tls,

        @Schema(
                description =
                        "The private key of the client certificate, PKCS#8 in PEM; never shown again. When absent,"
                                + " the one that is stored stays",
                writeOnly = true)
        @Nullable
        @Size(min = 1, max = 20_000)
        String clientKey,

        @Schema(
                description =
                        "Further secrets that scripts use by their names and never see; never shown again. A stored"
                                + " one stays unless it is named here: a text replaces it, an empty one removes it",
                type = SchemaType.OBJECT,
                additionalProperties = String.class,
                defaultValue = "{}",
                writeOnly = true)
        @Size(max = MAX_SECRETS)
        Map<String, String> secrets,

        @Size(max = ReasonParameter.MAX_LENGTH)
        @Schema(description = "Why this change is made; kept on the audit trail")
        @Nullable
        String reason) {

    /** So many named secrets a connection has at most. */
    public static final int MAX_SECRETS = 20;

    public ConnectionDraft {
        description = Texts.emptyToNull(description);
        tls = TlsSettings.orNull(tls);
        secrets = Map.copyOf(secrets);
    }

    /** The same with other secrets, null or empty for none. */
    public ConnectionDraft withSecrets(
            @Nullable String other, @Nullable String otherClientKey, Map<String, String> otherSecrets) {
        return new ConnectionDraft(description, http, postgresql, other, tls, otherClientKey, otherSecrets, reason);
    }

    /** Without the secrets. */
    @Override
    public String toString() {
        return "ConnectionDraft[http=" + http + ", postgresql=" + postgresql + "]";
    }
}

package io.asyncjobs.connection;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.asyncjobs.platform.json.Texts;
import jakarta.validation.constraints.Size;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Whom a connection trusts, and how it shows who it is. Certificates are no secrets; the key is. */
@Schema(description = "Certificates of a connection, in PEM")
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TlsSettings(
        @Schema(
                description = "The certificates of the authorities that are trusted, and no others; those of the"
                        + " service's Java when absent",
                examples = "-----BEGIN CERTIFICATE-----\nMIIB…\n-----END CERTIFICATE-----\n")
        @Nullable
        @Size(max = 100_000)
        String caCertificate,

        @Schema(
                description = "The certificate that the connection shows, with those between it and its authority. It"
                        + " needs a clientKey",
                examples = "-----BEGIN CERTIFICATE-----\nMIIB…\n-----END CERTIFICATE-----\n")
        @Nullable
        @Size(max = 100_000)
        String clientCertificate) {

    public TlsSettings {
        caCertificate = Texts.emptyToNull(caCertificate);
        clientCertificate = Texts.emptyToNull(clientCertificate);
    }

    /** Null where it says nothing. */
    static @Nullable TlsSettings orNull(@Nullable TlsSettings tls) {
        return tls == null || (tls.caCertificate == null && tls.clientCertificate == null) ? null : tls;
    }
}

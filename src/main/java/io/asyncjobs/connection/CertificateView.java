package io.asyncjobs.connection;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A certificate of a connection. */
@Schema(description = "A certificate of a connection and how long it is valid")
public record CertificateView(
        @Schema(description = "ca (of a trusted authority) or client", examples = "client", required = true)
        Use use,

        @Schema(description = "Whose it is", examples = "CN=job-scripts", required = true, maxLength = 1000)
        String subject,

        @Schema(description = "When it expires", examples = "2026-12-31T12:00:00Z", required = true, maxLength = 32)
        Instant notAfter) {

    /** What a certificate is for. */
    @Schema(name = "CertificateUse")
    public enum Use {
        @JsonProperty("ca")
        CA,
        @JsonProperty("client")
        CLIENT
    }

    /** Those of the settings, in their order. */
    static List<CertificateView> of(@Nullable TlsSettings tls) {
        List<CertificateView> views = new ArrayList<>();
        if (tls != null) {
            add(Use.CA, tls.caCertificate(), views);
            add(Use.CLIENT, tls.clientCertificate(), views);
        }
        return views;
    }

    private static void add(Use use, @Nullable String pem, List<CertificateView> views) {
        if (pem != null) {
            for (X509Certificate certificate : Pem.certificates(pem)) {
                views.add(new CertificateView(
                        use,
                        certificate.getSubjectX500Principal().getName(),
                        certificate.getNotAfter().toInstant()));
            }
        }
    }
}

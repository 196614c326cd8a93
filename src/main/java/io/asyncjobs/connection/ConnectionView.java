package io.asyncjobs.connection;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A connection as a client sees it: everything but the secret. */
@Schema(description = "A named place that scripts may reach")
public record ConnectionView(
        @Schema(
                description = "Never changes",
                examples = "0198c8a4-7d0e-7c3b-9f52-6a4b1c2d3e4f",
                required = true,
                maxLength = 36)
        UUID id,

        @Schema(
                description = "What scripts call it, whatever the case; never changes",
                examples = "clinical-api",
                required = true,
                maxLength = 200)
        String name,

        @Schema(description = "What it leads to", examples = "http", required = true)
        ConnectionKind kind,

        @Schema(description = "What it is for", required = true, maxLength = 4000) @Nullable
        String description,

        @Schema(description = "Whether a secret is stored", examples = "true", required = true)
        boolean hasSecret,

        @Schema(
                description = "The names of its further secrets, which scripts use by name",
                required = true,
                maxItems = 100)
        List<String> secretNames,

        @Schema(description = "Its certificates; null for none") @Nullable
        TlsSettings tls,

        @Schema(description = "Whether the key of a client certificate is stored", examples = "false", required = true)
        boolean hasClientKey,

        @Schema(description = "Its certificates and how long they are valid", required = true, maxItems = 100)
        List<CertificateView> certificates,

        @Schema(description = "A web service; null for the other kind") @Nullable
        HttpSettings http,

        @Schema(description = "A PostgreSQL database; null for the other kind") @Nullable
        PostgresqlSettings postgresql,

        @Schema(
                description =
                        "Whether its settings are stored damaged, and so missing here. Saving it again repairs it",
                examples = "false",
                required = true)
        boolean damaged,

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
        String updatedBy) {

    public ConnectionView {
        secretNames = List.copyOf(secretNames);
        certificates = List.copyOf(certificates);
    }
}

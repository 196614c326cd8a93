package io.asyncjobs.connection;

import com.fasterxml.jackson.annotation.JsonProperty;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What a connection of kind {@code postgresql} is, but for its password. */
@Schema(description = "A PostgreSQL database: where it is, as whom, and what sessions may take")
public record PostgresqlSettings(
        @Schema(
                description = "A host name or an IP address",
                examples = "edc-db.example.com",
                required = true,
                minLength = 1)
        @NotBlank
        @Size(max = 253)
        String host,

        @Schema(description = "The port", defaultValue = "5432") @Min(1) @Max(65_535)
        int port,

        @Schema(description = "The database", examples = "edc", required = true, minLength = 1)
        @NotBlank
        @Size(max = 63)
        String database,

        @Schema(
                description = "The role; its rights bound what scripts can do",
                examples = "job_scripts",
                required = true,
                minLength = 1)
        @NotBlank
        @Size(max = 63)
        String username,

        @Schema(
                description = "disable (no TLS), require (TLS, whoever answers) or verify_full (the certificate must be"
                        + " trusted and name the host)",
                defaultValue = "verify_full")
        Tls tls,

        @Schema(description = "How many sessions one node opens at once", defaultValue = "4") @Min(1) @Max(20)
        int maxConnections,

        @Schema(description = "Milliseconds after which a statement is ended", defaultValue = "60000")
        @Min(100)
        @Max(300_000)
        int statementTimeoutMillis) {

    /** How the line is protected. */
    @Schema(name = "PostgresqlTls")
    public enum Tls {
        @JsonProperty("disable")
        DISABLE,
        @JsonProperty("require")
        REQUIRE,
        @JsonProperty("verify_full")
        VERIFY_FULL
    }
}

package io.asyncjobs.connection;

import com.fasterxml.jackson.annotation.JsonInclude;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** What a connection of kind {@code http} is, but for its secret. */
@Schema(description = "A web service: where it is, how calls authenticate, and what they may take")
public record HttpSettings(
        @Schema(
                description = "http or https, host, perhaps port and path; calls never leave it",
                examples = "https://clinical.example.com/api/v1",
                required = true,
                minLength = 1)
        @NotBlank
        @Size(max = 2000)
        String baseUrl,

        @Schema(
                description = "Sent with every call; not for secrets, which belong into the authentication",
                type = SchemaType.OBJECT,
                additionalProperties = String.class,
                defaultValue = "{}")
        @Size(max = 50)
        Map<String, String> headers,

        @Schema(description = "How calls authenticate; not at all when absent", defaultValue = "{\"type\": \"none\"}")
        HttpAuthentication authentication,

        @Schema(description = "Milliseconds in which the host must take the connection", defaultValue = "5000")
        @Min(100)
        @Max(60_000)
        int connectTimeoutMillis,

        @Schema(description = "Milliseconds in which an answer's status and headers must come", defaultValue = "30000")
        @Min(100)
        @Max(300_000)
        int readTimeoutMillis,

        @Schema(
                description = "Milliseconds in which a call must be over, redirects and body included",
                defaultValue = "60000")
        @Min(100)
        @Max(300_000)
        int totalTimeoutMillis,

        @Schema(description = "The largest body of an answer in bytes, unpacked", defaultValue = "1048576")
        @Min(1)
        @Max(4 * 1024 * 1024)
        int maxResponseBytes,

        @Schema(
                description = "The names of fields of JSON and of forms that hold secrets: what a call sends in them is"
                        + " noted as ••• in effects and on the audit trail, what an answer holds in them is masked in"
                        + " whatever is stored of the run. Case, hyphens and underscores do not count",
                maxItems = 100,
                defaultValue = DEFAULT_REDACT)
        @Size(max = 100)
        List<@Size(min = 1, max = 200) String> redact,

        @Schema(
                description =
                        "How many calls one node makes at once; others wait for their turn. Unbounded when absent",
                examples = "4")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        @Min(1)
        @Max(1000)
        Integer maxConcurrentCalls,

        @Schema(
                description =
                        "How many calls all nodes together begin in a second, evenly spaced; others wait for their"
                                + " turn. Unbounded when absent",
                examples = "10")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        @Min(1)
        @Max(1000)
        Integer callsPerSecond,

        @Schema(
                description =
                        "How often a GET, HEAD, PUT or DELETE is sent again that could not be sent, broke off, or was"
                                + " answered with 429, 502, 503 or 504: after a pause that grows, or the one that Retry-After asks"
                                + " for, within the call's time. Not at all when absent",
                examples = "3")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        @Min(0)
        @Max(10)
        Integer retries,

        @Schema(
                description = "The proxy through which calls go, as host:port; that of the service when absent",
                examples = "proxy.example.com:3128")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        @Size(max = 260)
        String proxy) {

    /** As JSON; see {@link #redact}. */
    public static final String DEFAULT_REDACT =
            "[\"client_secret\",\"client_assertion\",\"assertion\",\"password\",\"access_token\",\"refresh_token\","
                    + "\"id_token\",\"api_key\",\"secret\"]";

    public HttpSettings {
        redact = List.copyOf(redact);
        headers = Map.copyOf(headers);
    }
}

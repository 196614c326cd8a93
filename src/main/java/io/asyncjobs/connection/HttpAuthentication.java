package io.asyncjobs.connection;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import jakarta.validation.constraints.Size;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** How a connection's calls authenticate; the secret for it is kept apart. */
@Schema(description = "How calls authenticate")
public record HttpAuthentication(
        @Schema(
                description = "none, basic (username and secret), bearer (the secret is the token), header (the"
                        + " secret is the header's value), user_token (a short-lived token that the service signs for"
                        + " the run's associated user, without a secret) or oauth2_client_credentials (the service"
                        + " fetches a token; the secret is the client's)",
                examples = "bearer",
                defaultValue = "none")
        Type type,

        @Schema(description = "The user of basic authentication", examples = "edc-sync") @Nullable @Size(max = 200)
        String username,

        @Schema(description = "The name of the header that carries the secret", examples = "X-Api-Key")
        @Nullable
        @Size(max = 200)
        String header,

        @Schema(
                description = "Whom the token is for: of a user's token what the called service expects; with"
                        + " oauth2_client_credentials it is sent to the token endpoint, if given",
                examples = "clinical-api")
        @Nullable
        @Size(max = 200)
        String audience,

        @Schema(
                description = "The token endpoint of oauth2_client_credentials; it may lie outside the base URL",
                examples = "https://login.example.com/realms/clinical/protocol/openid-connect/token")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        @Size(max = 2000)
        String tokenUrl,

        @Schema(description = "The client of oauth2_client_credentials", examples = "job-scripts")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        @Size(max = 200)
        String clientId,

        @Schema(
                description =
                        "The scopes that are asked for, with spaces between them; those of the client when absent",
                examples = "visits:read visits:write")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        @Size(max = 1000)
        String scope,

        @Schema(
                description =
                        "How client and secret are sent to the token endpoint: basic (in a header) or body (in the"
                                + " form); basic when absent",
                examples = "basic")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        ClientAuthentication clientAuthentication) {

    public HttpAuthentication {
        if (type == Type.OAUTH2_CLIENT_CREDENTIALS && clientAuthentication == null) {
            clientAuthentication = ClientAuthentication.BASIC;
        }
    }

    /** Where a client's secret is sent to a token endpoint. */
    @Schema(name = "HttpClientAuthentication")
    public enum ClientAuthentication {
        @JsonProperty("basic")
        BASIC,
        @JsonProperty("body")
        BODY
    }

    /** The kinds of authentication. */
    @Schema(name = "HttpAuthenticationType")
    public enum Type {
        @JsonProperty("none")
        NONE,
        @JsonProperty("basic")
        BASIC,
        @JsonProperty("bearer")
        BEARER,
        @JsonProperty("header")
        HEADER,
        @JsonProperty("user_token")
        USER_TOKEN,
        @JsonProperty("oauth2_client_credentials")
        OAUTH2_CLIENT_CREDENTIALS
    }
}

package io.asyncjobs.connection;

import com.fasterxml.jackson.annotation.JsonProperty;
import jakarta.validation.constraints.Size;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** How a connection's calls authenticate; the secret for it is kept apart. */
@Schema(description = "How calls authenticate")
public record HttpAuthentication(
        @Schema(
                description = "none, basic (username and secret), bearer (the secret is the token), header (the"
                        + " secret is the header's value) or user_token (a short-lived token that the service signs for"
                        + " the run's associated user, without a secret)",
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
                description = "Whom the user's token is for: what the called service expects as the audience",
                examples = "clinical-api")
        @Nullable
        @Size(max = 200)
        String audience) {

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
        USER_TOKEN
    }
}

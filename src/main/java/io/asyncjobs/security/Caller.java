package io.asyncjobs.security;

import io.quarkus.security.identity.SecurityIdentity;
import jakarta.inject.Singleton;
import java.time.Instant;
import org.eclipse.microprofile.jwt.JsonWebToken;

/** The authenticated user of the current request. */
@Singleton
public class Caller {

    private final SecurityIdentity identity;

    public Caller(SecurityIdentity identity) {
        this.identity = identity;
    }

    /**
     * The user's name: the token's {@code upn}, else {@code preferred_username}, else {@code sub}.
     *
     * @throws IllegalStateException outside of a request
     */
    public String name() {
        if (identity.isAnonymous()) {
            throw new IllegalStateException("No user is signed in");
        }
        return identity.getPrincipal().getName();
    }

    /** When the caller's token ends; what is sent for longer than a moment ends with it. In the past where there is none. */
    public Instant validUntil() {
        return identity.getPrincipal() instanceof JsonWebToken token
                ? Instant.ofEpochSecond(token.getExpirationTime())
                : Instant.EPOCH;
    }
}

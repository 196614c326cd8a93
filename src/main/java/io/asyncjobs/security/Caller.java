package io.asyncjobs.security;

import io.quarkus.security.identity.SecurityIdentity;
import jakarta.inject.Singleton;

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
}

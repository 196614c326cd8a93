package io.asyncjobs.security;

import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.AuthenticationRequestContext;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.SecurityIdentityAugmentor;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.jwt.JsonWebToken;
import org.jspecify.annotations.Nullable;

/**
 * Takes a token's roles from an array of texts at the configured path of claims and from nowhere else. The library
 * would also split a single text at its spaces, and fall back to defaults.
 */
@Singleton
public class StrictRoles implements SecurityIdentityAugmentor {

    private static final int MAX_NAME_LENGTH = 200;
    /** A claim's name, in double quotes where it holds a slash itself. */
    private static final Pattern STEP = Pattern.compile("\"([^\"]+)\"|([^/\"]+)");

    private final String path;

    public StrictRoles(@ConfigProperty(name = "smallrye.jwt.path.groups", defaultValue = "groups") String path) {
        this.path = path;
    }

    @Override
    public Uni<SecurityIdentity> augment(SecurityIdentity identity, AuthenticationRequestContext context) {
        if (!(identity.getPrincipal() instanceof JsonWebToken token)) {
            return Uni.createFrom().item(identity);
        }
        if (!isStorable(token.getName())) {
            return Uni.createFrom()
                    .failure(new AuthenticationFailedException("The token names no user, or one that cannot be kept"));
        }
        return Uni.createFrom().item(withRoles(identity, rolesOf(token)));
    }

    private Set<String> rolesOf(JsonWebToken token) {
        Matcher steps = STEP.matcher(path);
        Object found = null;
        boolean first = true;
        while (steps.find()) {
            String step = steps.group(1) == null ? steps.group(2) : steps.group(1);
            if (first) {
                found = token.getClaim(step);
            } else {
                found = found instanceof JsonObject object ? object.get(step) : null;
            }
            first = false;
        }
        Set<String> roles = new HashSet<>();
        switch (found) {
            case JsonArray array ->
                array.forEach(item -> {
                    if (item instanceof JsonString role) {
                        roles.add(role.getString());
                    }
                });
            // The library has the claim "groups" in Java's types already, and makes a set of an array only
            case Set<?> groups ->
                groups.forEach(item -> {
                    if (item instanceof String role) {
                        roles.add(role);
                    }
                });
            case null, default -> {}
        }
        return roles;
    }

    private static SecurityIdentity withRoles(SecurityIdentity identity, Set<String> roles) {
        return QuarkusSecurityIdentity.builder()
                .setPrincipal(identity.getPrincipal())
                .addAttributes(identity.getAttributes())
                .addCredentials(identity.getCredentials())
                .addRoles(roles)
                .build();
    }

    private static boolean isStorable(@Nullable String name) {
        return name != null
                && !name.isBlank()
                && name.length() <= MAX_NAME_LENGTH
                && name.chars().noneMatch(c -> Character.isISOControl(c) || Character.isSurrogate((char) c));
    }
}

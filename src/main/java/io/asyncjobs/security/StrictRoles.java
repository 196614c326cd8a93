package io.asyncjobs.security;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.AuthenticationRequestContext;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.SecurityIdentityAugmentor;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.Base64;
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
    private final ObjectMapper json;

    public StrictRoles(
            @ConfigProperty(name = "smallrye.jwt.path.groups", defaultValue = "groups") String path,
            ObjectMapper json) {
        this.path = path;
        this.json = json;
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
        // The text that was signed: among the parsed claims a single text is an array already
        JsonNode found = claimsOf(token.getRawToken());
        Matcher steps = STEP.matcher(path);
        while (steps.find()) {
            found = found.path(steps.group(1) == null ? steps.group(2) : steps.group(1));
        }
        Set<String> roles = new HashSet<>();
        if (found.isArray()) {
            for (JsonNode role : found) {
                if (role.isTextual()) {
                    roles.add(role.textValue());
                }
            }
        }
        return roles;
    }

    private JsonNode claimsOf(String token) {
        String[] parts = token.split("\\.", -1);
        if (parts.length != 3) {
            return MissingNode.getInstance();
        }
        try {
            return json.readTree(Base64.getUrlDecoder().decode(parts[1]));
        } catch (IOException e) {
            return MissingNode.getInstance();
        }
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

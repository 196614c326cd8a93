package io.asyncjobs.connection;

import io.asyncjobs.connection.HttpAuthentication.Type;
import io.asyncjobs.platform.problem.Violation;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What can be said of how a draft's calls authenticate. */
final class AuthenticationChecker {

    private static final String FIELD = "http.authentication.";

    private AuthenticationChecker() {}

    /**
     * The authentication as it is kept.
     *
     * @param headers the names of those that are sent with every call, in lower case
     */
    static HttpAuthentication checked(
            HttpAuthentication authentication, Set<String> headers, List<Violation> violations) {
        Type type = authentication.type();
        String username = authentication.username();
        if (isWanted("username", username, type, Type.BASIC, violations)
                && username != null
                && (username.isEmpty() || username.indexOf(':') >= 0 || ConnectionChecker.hasControl(username))) {
            violations.add(
                    new Violation(FIELD + "username", "must not be empty, nor hold colons or control characters"));
        }
        String header = authentication.header();
        if (isWanted("header", header, type, Type.HEADER, violations) && header != null) {
            String fault = headers.contains(header.toLowerCase(Locale.ROOT))
                    ? "is among the headers already"
                    : CallHeaders.faultOfSecret(header);
            if (fault != null) {
                violations.add(new Violation(FIELD + "header", fault));
            }
        }
        String audience = authentication.audience();
        if (type == Type.OAUTH2_CLIENT_CREDENTIALS) {
            requireText("audience", audience, violations);
        } else if (isWanted("audience", audience, type, Type.USER_TOKEN, violations)) {
            requireText("audience", audience, violations);
        }
        return checkedOAuth2(authentication, violations);
    }

    private static HttpAuthentication checkedOAuth2(HttpAuthentication given, List<Violation> violations) {
        Type oauth2 = Type.OAUTH2_CLIENT_CREDENTIALS;
        String tokenUrl = given.tokenUrl();
        if (isWanted("tokenUrl", tokenUrl, given.type(), oauth2, violations) && tokenUrl != null) {
            tokenUrl = ServiceAddress.checkedTokenUrl(FIELD + "tokenUrl", tokenUrl, violations);
        }
        String clientId = given.clientId();
        if (isWanted("clientId", clientId, given.type(), oauth2, violations)) {
            requireText("clientId", clientId, violations);
        }
        if (given.type() == oauth2) {
            requireText("scope", given.scope(), violations);
        } else {
            requireAbsent("scope", given.scope(), violations);
            requireAbsent("clientAuthentication", given.clientAuthentication(), violations);
        }
        return new HttpAuthentication(
                given.type(),
                given.username(),
                given.header(),
                given.audience(),
                tokenUrl,
                clientId,
                given.scope(),
                given.clientAuthentication());
    }

    /** Whether a field is given that belongs to the type; says so where it is missing, or belongs to another one. */
    private static boolean isWanted(
            String field, @Nullable String value, Type given, Type of, List<Violation> violations) {
        String type = of.name().toLowerCase(Locale.ROOT);
        if ((given == of) != (value != null)) {
            violations.add(
                    new Violation(FIELD + field, given == of ? "is required for " + type : "is only for " + type));
            return false;
        }
        return value != null;
    }

    private static void requireText(String field, @Nullable String value, List<Violation> violations) {
        if (value != null && (value.isBlank() || ConnectionChecker.hasControl(value))) {
            violations.add(new Violation(FIELD + field, "must not be blank, nor hold control characters"));
        }
    }

    private static void requireAbsent(String field, @Nullable Object value, List<Violation> violations) {
        if (value != null) {
            violations.add(new Violation(FIELD + field, "is only for oauth2_client_credentials"));
        }
    }
}

package io.asyncjobs.connection.http;

import io.asyncjobs.connection.AccessTokens;
import io.asyncjobs.connection.CallDeadline;
import io.asyncjobs.connection.HttpAuthentication;
import io.asyncjobs.connection.HttpSettings;
import io.asyncjobs.connection.Masking;
import io.asyncjobs.connection.OpenConnection;
import io.asyncjobs.connection.UserTokens;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The headers that say who calls. Thread-safe. */
@Singleton
class CallCredentials {

    private static final String AUTHORIZATION = "Authorization";
    private static final String BEARER = "Bearer ";

    private final UserTokens userTokens;
    private final AccessTokens accessTokens;

    CallCredentials(UserTokens userTokens, AccessTokens accessTokens) {
        this.userTokens = userTokens;
        this.accessTokens = accessTokens;
    }

    /**
     * The headers of a call. May fetch an access token, within the deadline.
     *
     * @param masking is told each token
     */
    Map<String, String> of(OpenConnection<HttpSettings> connection, String user, Masking masking, CallDeadline deadline)
            throws InterruptedException {
        HttpAuthentication authentication = connection.settings().authentication();
        return switch (authentication.type()) {
            case NONE -> Map.of();
            case USER_TOKEN -> {
                String token = userToken(connection, user);
                masking.addToken(token);
                yield Map.of(AUTHORIZATION, BEARER + token);
            }
            case OAUTH2_CLIENT_CREDENTIALS -> accessToken(connection, null, masking, deadline);
            case BASIC -> {
                String pair = authentication.username() + ":" + secret(connection);
                yield Map.of(
                        AUTHORIZATION,
                        "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
            }
            case BEARER -> Map.of(AUTHORIZATION, BEARER + secret(connection));
            case HEADER -> Map.of(String.valueOf(authentication.header()), secret(connection));
        };
    }

    /** Whether other headers can be had where these are refused. */
    static boolean canRenew(OpenConnection<HttpSettings> connection) {
        return connection.settings().authentication().type() == HttpAuthentication.Type.OAUTH2_CLIENT_CREDENTIALS;
    }

    /** Other headers in place of those that were refused. */
    Map<String, String> renewed(
            OpenConnection<HttpSettings> connection,
            Map<String, String> refused,
            Masking masking,
            CallDeadline deadline)
            throws InterruptedException {
        String token = refused.getOrDefault(AUTHORIZATION, BEARER).substring(BEARER.length());
        return accessToken(connection, token, masking, deadline);
    }

    private Map<String, String> accessToken(
            OpenConnection<HttpSettings> connection, @Nullable String refused, Masking masking, CallDeadline deadline)
            throws InterruptedException {
        String token = accessTokens.token(connection, refused, deadline);
        masking.add(token);
        return Map.of(AUTHORIZATION, BEARER + token);
    }

    private String userToken(OpenConnection<HttpSettings> connection, String user) {
        String audience = String.valueOf(connection.settings().authentication().audience());
        return userTokens
                .token(user, audience)
                .orElseThrow(() -> HttpFailures.refused(
                        connection.name(), "this service has no key to sign its users' tokens with"));
    }

    private static String secret(OpenConnection<HttpSettings> connection) {
        String secret = connection.secret();
        if (secret == null) {
            throw HttpFailures.refused(connection.name(), "its secret is missing; a superadmin has to store it");
        }
        return secret;
    }
}

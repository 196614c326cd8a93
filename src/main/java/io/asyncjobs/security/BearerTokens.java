package io.asyncjobs.security;

import io.asyncjobs.platform.problem.ProblemRoutes;
import io.asyncjobs.platform.problem.Problems;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.AuthenticationRequest;
import io.quarkus.security.identity.request.TokenAuthenticationRequest;
import io.quarkus.smallrye.jwt.runtime.auth.JWTAuthMechanism;
import io.quarkus.smallrye.jwt.runtime.auth.JsonWebTokenCredential;
import io.quarkus.vertx.http.runtime.security.ChallengeData;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticationMechanism;
import io.quarkus.vertx.http.runtime.security.HttpCredentialTransport;
import io.quarkus.vertx.http.runtime.security.HttpSecurityUtils;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Alternative;
import java.util.Optional;
import java.util.Set;

/**
 * The library's check of bearer tokens, with a problem as the challenge instead of an empty body. A browser's token comes in
 * a cookie; it is checked in the same way, and counts only where no other credential was sent.
 */
@Alternative
@Priority(1)
@ApplicationScoped
public class BearerTokens implements HttpAuthenticationMechanism {

    private final JWTAuthMechanism tokens;
    private final ProblemRoutes routes;
    private final Problems problems;

    public BearerTokens(JWTAuthMechanism tokens, ProblemRoutes routes, Problems problems) {
        this.tokens = tokens;
        this.routes = routes;
        this.problems = problems;
    }

    @Override
    public Uni<SecurityIdentity> authenticate(RoutingContext request, IdentityProviderManager identities) {
        Optional<String> kept = request.request().getHeader(HttpHeaders.AUTHORIZATION) == null
                ? SessionCookie.token(request.request())
                : Optional.empty();
        return kept.map(token -> identities.authenticate(request(token, request)))
                .orElseGet(() -> tokens.authenticate(request, identities));
    }

    private static AuthenticationRequest request(String token, RoutingContext request) {
        return HttpSecurityUtils.setRoutingContextAttribute(
                new TokenAuthenticationRequest(new JsonWebTokenCredential(token)), request);
    }

    @Override
    public Uni<ChallengeData> getChallenge(RoutingContext request) {
        return tokens.getChallenge(request);
    }

    @Override
    public Uni<Boolean> sendChallenge(RoutingContext request) {
        routes.send(request, problems.unauthenticated(Problems.instance(request)));
        return Uni.createFrom().item(true);
    }

    @Override
    public Set<Class<? extends AuthenticationRequest>> getCredentialTypes() {
        return tokens.getCredentialTypes();
    }

    @Override
    public Uni<HttpCredentialTransport> getCredentialTransport(RoutingContext request) {
        return tokens.getCredentialTransport(request);
    }
}

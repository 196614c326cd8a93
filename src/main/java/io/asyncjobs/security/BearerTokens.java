package io.asyncjobs.security;

import io.asyncjobs.platform.http.SentForms;
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
    private final SentForms forms;

    public BearerTokens(JWTAuthMechanism tokens, ProblemRoutes routes, Problems problems, SentForms forms) {
        this.tokens = tokens;
        this.routes = routes;
        this.problems = problems;
        this.forms = forms;
    }

    @Override
    public Uni<SecurityIdentity> authenticate(RoutingContext request, IdentityProviderManager identities) {
        boolean counts = request.request().getHeader(HttpHeaders.AUTHORIZATION) == null
                && !request.normalizedPath().equals(SessionCookie.SIGN_IN);
        Optional<String> kept = counts ? SessionCookie.token(request.request()) : Optional.empty();
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

    /** What a page's form sent is read before, so that it can be kept while its reader signs in again. */
    @Override
    public Uni<Boolean> sendChallenge(RoutingContext request) {
        return Uni.createFrom().emitter(sent -> {
            request.addEndHandler(ended -> sent.complete(true));
            forms.read(request, () -> routes.send(request, problems.unauthenticated(Problems.instance(request))));
        });
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

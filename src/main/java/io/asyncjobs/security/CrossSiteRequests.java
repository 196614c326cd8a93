package io.asyncjobs.security;

import io.asyncjobs.platform.problem.Problem;
import io.asyncjobs.platform.problem.ProblemKind;
import io.asyncjobs.platform.problem.ProblemRoutes;
import io.asyncjobs.platform.problem.Problems;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.net.URI;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Refuses what another site makes a browser send: whatever may change something and carries no token of its own must say
 * that it comes from a page of this service. See docs/decisions/0050.
 */
@Singleton
public class CrossSiteRequests {

    private static final Set<HttpMethod> SAFE = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

    /** After the limits, before authentication. */
    private static final int ORDER = 900_000;

    private final ProblemRoutes routes;

    CrossSiteRequests(ProblemRoutes routes) {
        this.routes = routes;
    }

    void register(@Observes Filters filters) {
        filters.register(this::check, ORDER);
    }

    private void check(RoutingContext context) {
        HttpServerRequest request = context.request();
        boolean byBrowser = request.getHeader(HttpHeaders.AUTHORIZATION) == null
                && (SessionCookie.token(request).isPresent()
                        || context.normalizedPath().startsWith("/admin/"));
        if (byBrowser && !SAFE.contains(request.method()) && !isSameOrigin(request)) {
            routes.send(
                    context,
                    Problem.of(
                            ProblemKind.FORBIDDEN,
                            "The request does not come from a page of this service. Open the page here and try again.",
                            Problems.instance(context)));
            return;
        }
        context.next();
    }

    /** Browsers set both headers themselves; no page can. */
    static boolean isSameOrigin(HttpServerRequest request) {
        String site = request.getHeader("Sec-Fetch-Site");
        if (site != null) {
            return site.equals("same-origin");
        }
        return isThisHost(request.getHeader(HttpHeaders.ORIGIN), request.authority());
    }

    /** The scheme is left aside: behind a proxy that ends TLS it is not known here. */
    private static boolean isThisHost(@Nullable String origin, @Nullable HostAndPort here) {
        if (origin == null || here == null) {
            return false;
        }
        try {
            URI uri = URI.create(origin);
            int port = uri.getPort();
            return here.host().equalsIgnoreCase(uri.getHost())
                    && (port == here.port() || port < 0 && (here.port() < 0 || isDefault(here.port())));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean isDefault(int port) {
        return port == 80 || port == 443;
    }
}

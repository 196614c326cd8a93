package io.asyncjobs.platform.http;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/**
 * Lets a POST without a body, which has no media type either, pass for one with an empty JSON body: {@code curl -X POST}
 * sends it where everything in the body may be left out.
 */
@Singleton
class BodilessRequests {

    /** After the limits, before everything that looks at the media type. */
    private static final int EARLY = 999_000;

    void register(@Observes Filters filters) {
        filters.register(BodilessRequests::name, EARLY);
    }

    private static void name(RoutingContext context) {
        HttpServerRequest request = context.request();
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        boolean bodiless = request.getHeader(HttpHeaders.TRANSFER_ENCODING) == null
                && (length == null || length.strip().equals("0"));
        if (request.method().equals(HttpMethod.POST)
                && bodiless
                && request.getHeader(HttpHeaders.CONTENT_TYPE) == null) {
            request.headers().set(HttpHeaders.CONTENT_TYPE, "application/json");
        }
        context.next();
    }
}

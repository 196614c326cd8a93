package io.asyncjobs.platform.http;

import io.asyncjobs.platform.problem.Problem;
import io.asyncjobs.platform.problem.ProblemKind;
import io.asyncjobs.platform.problem.ProblemRoutes;
import io.asyncjobs.platform.problem.Problems;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what a request may weigh, before anything of it is looked at, and puts the security headers on every answer.
 *
 * <p>The server's own limits (application.properties) lie above these and end the connection with a bare status; these
 * answer with a problem that names the limit.
 */
@Singleton
public class HttpLimits {

    /** The largest body, in bytes: the largest script fits however JSON and forms write it, three bytes for one included. */
    public static final int MAX_BODY = 4 * 1024 * 1024;

    private static final int MAX_URI = 8 * 1024;
    private static final int MAX_HEADERS = 16 * 1024;

    private static final String NOTHING = "default-src 'none'; frame-ancestors 'none'";

    /** Everything a page needs comes from here and from files; nothing in the page itself is run. */
    private static final String PAGES_POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
                    + " font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private static final String BUNDLE = "/assets/bundle/";

    /** Reads the streams of all windows of a browser; what it may do is said with it, not with a page. */
    private static final String LIVE = "/assets/live.js";

    private static final String PAGES = "/admin/";

    /** In development only; its page starts itself by a script and styles of its own. */
    private static final String SWAGGER_UI = "/q/swagger-ui";

    private static final String SWAGGER_UI_POLICY =
            "default-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

    /** Runs before authentication and everything else. */
    private static final int FIRST = 1_000_000;

    private final ProblemRoutes routes;

    public HttpLimits(ProblemRoutes routes) {
        this.routes = routes;
    }

    void register(@Observes Filters filters) {
        filters.register(this::check, FIRST);
    }

    private void check(RoutingContext request) {
        request.addHeadersEndHandler(written -> {
            if (request.normalizedPath().startsWith(BUNDLE)
                    && request.response().getStatusCode() == 200) {
                // Its name changes with its content; that it is missing, in a replica of another build, may not be kept
                addIfAbsent(request.response().headers(), "Cache-Control", "public, max-age=31536000, immutable");
            }
            addHeaders(request.normalizedPath(), request.response().headers());
        });
        Problem tooLarge = tooLarge(request);
        if (tooLarge == null) {
            request.next();
            return;
        }
        ProblemRoutes.closeAfterAnswer(request);
        routes.send(request, tooLarge);
    }

    private static @Nullable Problem tooLarge(RoutingContext context) {
        HttpServerRequest request = context.request();
        String instance = Problems.instance(context);
        if (request.uri().length() > MAX_URI) {
            return Problem.of(
                    ProblemKind.URI_TOO_LONG,
                    "The address may be at most %d bytes long, but is %d."
                            .formatted(MAX_URI, request.uri().length()),
                    instance);
        }
        int headers = 0;
        for (Map.Entry<String, String> header : request.headers()) {
            headers += header.getKey().length() + header.getValue().length() + 4;
        }
        if (headers > MAX_HEADERS) {
            return Problem.of(
                    ProblemKind.HEADERS_TOO_LARGE,
                    "The headers may be at most %d bytes, but are %d.".formatted(MAX_HEADERS, headers),
                    instance);
        }
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        // The server has checked that it is a number; one of more digits is larger than any limit
        if (length != null && (length.length() > 12 || Long.parseLong(length) > MAX_BODY)) {
            return Problem.of(ProblemKind.TOO_LARGE, bodyTooLarge(), instance);
        }
        return null;
    }

    static String bodyTooLarge() {
        return "The body may be at most %d bytes (4 MiB).".formatted(MAX_BODY);
    }

    private static void addHeaders(String path, MultiMap headers) {
        String type = String.valueOf(headers.get(HttpHeaders.CONTENT_TYPE));
        if (type.startsWith("text/event-stream")) {
            // Or a proxy would hold events back until it has a buffer full of them
            addIfAbsent(headers, "X-Accel-Buffering", "no");
        }
        addIfAbsent(headers, "X-Content-Type-Options", "nosniff");
        addIfAbsent(headers, "X-Frame-Options", "DENY");
        // With no referrer at all, a browser would not say where a form comes from either
        addIfAbsent(headers, "Referrer-Policy", isPage(path) ? "same-origin" : "no-referrer");
        addIfAbsent(headers, "Cross-Origin-Resource-Policy", "same-origin");
        addIfAbsent(headers, "Content-Security-Policy", contentPolicy(path, type));
        // What has an ETag may be kept by the client that read it, if it asks each time
        addIfAbsent(headers, "Cache-Control", headers.contains(HttpHeaders.ETAG) ? "private, no-cache" : "no-store");
    }

    /** The bare address leads to a page, by way of signing in. */
    private static boolean isPage(String path) {
        return path.equals("/") || path.startsWith(PAGES);
    }

    private static String contentPolicy(String path, String type) {
        if (path.startsWith(SWAGGER_UI)) {
            return SWAGGER_UI_POLICY;
        }
        // An address that nobody knows is answered with a page, too
        return isPage(path) || path.equals(LIVE) || type.startsWith("text/html") ? PAGES_POLICY : NOTHING;
    }

    private static void addIfAbsent(MultiMap headers, String name, String value) {
        if (!headers.contains(name)) {
            headers.set(name, value);
        }
    }
}

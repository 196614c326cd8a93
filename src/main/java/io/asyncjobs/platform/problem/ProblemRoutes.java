package io.asyncjobs.platform.problem;

import io.quarkus.security.AuthenticationException;
import io.quarkus.security.ForbiddenException;
import io.quarkus.security.UnauthorizedException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Problems for what fails before or beside the resources: at the router, in permissions, on paths nobody serves. */
@Singleton
public class ProblemRoutes {

    private static final long LINGER_MILLIS = 500;

    /** What is refused for a moment's lack of room is worth another try so soon. */
    static final String RETRY_AFTER_SECONDS = "1";

    private final Problems problems;
    private final Instance<ProblemPages> pages;

    public ProblemRoutes(Problems problems, Instance<ProblemPages> pages) {
        this.problems = problems;
        this.pages = pages;
    }

    void register(@Observes Router router) {
        // Before Quarkus' own, which would answer in other shapes
        router.route().order(Integer.MIN_VALUE).failureHandler(this::failed);
        router.route().last().handler(request -> {
            if (request.response().ended()) {
                return;
            }
            send(request, problems.of(404, null, Problems.instance(request)));
        });
    }

    /** Ends the request with that problem, unless an answer is on its way already. */
    public void send(RoutingContext request, Problem problem) {
        var response = request.response();
        if (response.ended()) {
            return;
        }
        if (response.headWritten()) {
            response.end();
            return;
        }
        response.setStatusCode(problem.status());
        if (problem.status() == 401) {
            response.putHeader("WWW-Authenticate", "Bearer");
        } else if (problem.status() == 503) {
            response.putHeader(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        Optional<String> page = page(pages, request, problem);
        byte[] body = page.map(html -> html.getBytes(StandardCharsets.UTF_8)).orElseGet(() -> problems.bytes(problem));
        response.putHeader(HttpHeaders.CONTENT_TYPE, page.isPresent() ? ProblemPages.MEDIA_TYPE : Problem.MEDIA_TYPE);
        if (request.request().method() == HttpMethod.HEAD) {
            response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length));
            response.end();
        } else {
            response.end(Buffer.buffer(body));
        }
    }

    /** The problem as a page, where the request asked for a page. */
    static Optional<String> page(Instance<ProblemPages> pages, RoutingContext request, Problem problem) {
        return pages.isResolvable() ? pages.get().page(request, problem) : Optional.empty();
    }

    /**
     * For requests that are answered before they were read: what follows on the connection would be taken for the next
     * request. The client gets a moment to read the answer, which a reset would take from it.
     */
    public static void closeAfterAnswer(RoutingContext request) {
        request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        HttpConnection connection = request.request().connection();
        request.addEndHandler(ended -> request.vertx().setTimer(LINGER_MILLIS, timer -> connection.close()));
    }

    private void failed(RoutingContext request) {
        @Nullable Throwable failure = request.failure();
        String instance = Problems.instance(request);
        if (failure == null) {
            send(request, problems.of(request.statusCode(), null, instance));
        } else if (ours(failure) || request.statusCode() >= 500 || request.statusCode() < 400) {
            send(request, problems.of(failure, instance));
        } else {
            send(request, problems.of(request.statusCode(), null, instance));
        }
    }

    private static boolean ours(Throwable failure) {
        return failure instanceof DomainException
                || failure instanceof UnauthorizedException
                || failure instanceof AuthenticationException
                || failure instanceof ForbiddenException;
    }
}

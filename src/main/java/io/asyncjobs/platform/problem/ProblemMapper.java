package io.asyncjobs.platform.problem;

import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.ForbiddenException;
import io.quarkus.security.UnauthorizedException;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.inject.Instance;
import jakarta.validation.ValidationException;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Answers every failure of a resource, and of the framework around it, with a problem. */
public class ProblemMapper {

    private final Problems problems;
    private final AllowedMethods allowedMethods;
    private final Instance<ProblemPages> pages;

    ProblemMapper(Problems problems, AllowedMethods allowedMethods, Instance<ProblemPages> pages) {
        this.problems = problems;
        this.allowedMethods = allowedMethods;
        this.pages = pages;
    }

    /** The answer. The types beside {@link Throwable} are those for which the framework has mappers of its own. */
    @ServerExceptionMapper(
            value = {
                Throwable.class,
                WebApplicationException.class,
                ValidationException.class,
                AuthenticationFailedException.class,
                UnauthorizedException.class,
                ForbiddenException.class
            },
            priority = 1)
    public Response answer(Throwable failure, RoutingContext request) {
        // Redirects and the like are answers, not failures
        if (failure instanceof WebApplicationException web && web.getResponse().getStatus() < 400) {
            return web.getResponse();
        }
        Problem problem = problems.of(failure, Problems.instance(request));
        Optional<String> page = ProblemRoutes.page(pages, request, problem);
        // As text: where an answer failed half-way its JSON writer is kept, and would write bytes in base64
        Response.ResponseBuilder answer = Response.status(problem.status())
                .type(page.isPresent() ? ProblemPages.MEDIA_TYPE : Problem.MEDIA_TYPE)
                .entity(page.orElseGet(() -> new String(problems.bytes(problem), StandardCharsets.UTF_8)));
        switch (problem.status()) {
            case 401 -> answer.header(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
            case 405 -> answer.header(HttpHeaders.ALLOW, allowedMethods.of(problem.instance()));
            case 503 -> answer.header(HttpHeaders.RETRY_AFTER, ProblemRoutes.RETRY_AFTER_SECONDS);
            case 413 -> ProblemRoutes.closeAfterAnswer(request);
            default -> {}
        }
        if (HttpMethod.HEAD.equals(request.request().method().name())) {
            answer.entity(null);
        }
        return answer.build();
    }
}

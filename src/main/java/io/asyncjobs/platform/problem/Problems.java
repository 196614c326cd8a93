package io.asyncjobs.platform.problem;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.asyncjobs.platform.DatabaseFaults;
import io.asyncjobs.platform.UuidV7;
import io.quarkus.security.AuthenticationException;
import io.quarkus.security.ForbiddenException;
import io.quarkus.security.UnauthorizedException;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import jakarta.validation.ConstraintViolationException;
import jakarta.validation.ElementKind;
import jakarta.validation.Path;
import jakarta.ws.rs.WebApplicationException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Turns whatever was thrown, by us or by the framework, into a problem, and a problem into bytes. */
@Singleton
public class Problems {

    private static final int MAX_INSTANCE = 2000;
    private static final Logger LOG = Logger.getLogger(Problems.class);
    private static final String MULTIPART = "org.jboss.resteasy.reactive.server.core.multipart.";

    private final ObjectMapper json;

    public Problems(ObjectMapper json) {
        this.json = json;
    }

    /** The problem to answer with; logs what is a failure of ours, with the id the answer carries. */
    public Problem of(Throwable failure, String instance) {
        return switch (failure) {
            case DomainException domain -> Problem.of(domain, instance);
            case UnauthorizedException unauthorized -> unauthenticated(instance);
            case AuthenticationException failed -> unauthenticated(instance);
            case ForbiddenException forbidden -> forbidden(instance);
            case ConstraintViolationException violated
            when !concernsReturnValue(violated) ->
                Problem.of(new MalformedException(parameterViolations(violated)), instance);
            case WebApplicationException web -> of(web, instance);
            case IOException cut
            when isOfAForm(cut) ->
                Problem.of(
                        new MalformedException(
                                "The form cannot be read: its parts do not end, or are not parted as its header says."),
                        instance);
            default ->
                ofTheDatabase(failure)
                        .map(domain -> Problem.of(domain, instance))
                        .orElseGet(() -> internal(failure, instance));
        };
    }

    /** The framework reads forms and says no more than that it could not. */
    private static boolean isOfAForm(IOException failure) {
        StackTraceElement[] trace = failure.getStackTrace();
        return trace.length > 0 && trace[0].getClassName().startsWith(MULTIPART);
    }

    /** What passes by itself is no fault of ours: a lock that another transaction holds, a database that is away. */
    private static Optional<DomainException> ofTheDatabase(Throwable failure) {
        if (DatabaseFaults.isOfWaiting(failure)) {
            return Optional.of(
                    new UnavailableException(
                            "Another transaction holds what this request needs, or the database is slow; nothing was changed. Try again."));
        }
        if (DatabaseFaults.isOfTheConnection(failure)) {
            LOG.warnf("The database could not be reached for a request: %s", failure.getMessage());
            return Optional.of(new UnavailableException(
                    "The database cannot be reached. Read whether a change was made before you try again."));
        }
        return Optional.empty();
    }

    /** A status the framework chose without a cause of ours. */
    public Problem of(int status, @Nullable String detail, String instance) {
        ProblemKind kind = ProblemKind.of(status);
        if (kind == null) {
            kind = status < 500 ? ProblemKind.MALFORMED : ProblemKind.INTERNAL;
        }
        return Problem.of(kind, detail == null ? words(kind) : detail, instance);
    }

    /** No valid token came with the request. */
    public Problem unauthenticated(String instance) {
        return Problem.of(ProblemKind.UNAUTHENTICATED, words(ProblemKind.UNAUTHENTICATED), instance);
    }

    /** The token is good, its user's roles are not enough. */
    public Problem forbidden(String instance) {
        return Problem.of(ProblemKind.FORBIDDEN, words(ProblemKind.FORBIDDEN), instance);
    }

    /** The path that was asked for, as it was written, bounded. */
    public static String instance(RoutingContext request) {
        String path = Objects.requireNonNullElse(request.request().path(), "");
        return path.length() <= MAX_INSTANCE ? path : path.substring(0, MAX_INSTANCE);
    }

    /** The body to send. */
    public byte[] bytes(Problem problem) {
        try {
            return json.writeValueAsBytes(problem);
        } catch (JsonProcessingException e) {
            LOG.error("A problem could not be written", e);
            return "{}".getBytes(StandardCharsets.UTF_8);
        }
    }

    private Problem of(WebApplicationException web, String instance) {
        // A parameter converter's refusal comes wrapped
        if (web.getCause() instanceof DomainException domain) {
            return Problem.of(domain, instance);
        }
        int status = web.getResponse().getStatus();
        if (status >= 500 && status != ProblemKind.UNAVAILABLE.status()) {
            return internal(web, instance);
        }
        return of(status, null, instance);
    }

    private static Problem internal(Throwable failure, String instance) {
        // Only made unique and findable: its time need not be the cluster's
        String correlationId =
                UuidV7.at(Instant.ofEpochMilli(System.currentTimeMillis())).toString();
        LOG.errorf(failure, "Request to %s failed, correlation id %s", instance, correlationId);
        return Problem.internal(correlationId, instance);
    }

    private static @Nullable String words(ProblemKind kind) {
        return switch (kind) {
            case MALFORMED -> "The request is malformed.";
            case UNAUTHENTICATED -> "Send a valid token: Authorization: Bearer …";
            case FORBIDDEN -> "The role superadmin is needed.";
            case UNKNOWN -> "Nothing is found under this path.";
            case METHOD_NOT_ALLOWED -> "The header Allow names the methods this path knows.";
            case NOT_ACCEPTABLE -> "The header Accept names no media type this path can answer in.";
            case UNSUPPORTED_MEDIA_TYPE -> "The header Content-Type names a media type this path does not read.";
            case TOO_LARGE -> "The body is too large.";
            default -> null;
        };
    }

    private static boolean concernsReturnValue(ConstraintViolationException violated) {
        return violated.getConstraintViolations().stream().anyMatch(violation -> {
            for (Path.Node node : violation.getPropertyPath()) {
                if (node.getKind() == ElementKind.RETURN_VALUE) {
                    return true;
                }
            }
            return false;
        });
    }

    private static List<Violation> parameterViolations(ConstraintViolationException violated) {
        List<Violation> violations = new ArrayList<>();
        for (var violation : violated.getConstraintViolations()) {
            String name = "";
            for (Path.Node node : violation.getPropertyPath()) {
                name = Objects.requireNonNullElse(node.getName(), name);
            }
            violations.add(new Violation(name, violation.getMessage()));
        }
        return violations;
    }
}

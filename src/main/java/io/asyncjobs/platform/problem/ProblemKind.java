package io.asyncjobs.platform.problem;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The one table of what can go wrong: a stable slug, the HTTP status, a title. Each has a section of its own in
 * docs/problems.md.
 */
public enum ProblemKind {
    MALFORMED(400, "The request cannot be read"),
    UNAUTHENTICATED(401, "A valid token is needed"),
    FORBIDDEN(403, "The token's user may not do this"),
    UNKNOWN(404, "Not found"),
    METHOD_NOT_ALLOWED(405, "This path does not know that method"),
    NOT_ACCEPTABLE(406, "No answer in an accepted media type"),
    TOO_SLOW(408, "The request took too long to arrive"),
    REFUSED(409, "The current state does not allow this"),
    STALE(412, "It was changed meanwhile"),
    TOO_LARGE(413, "The body is too large"),
    URI_TOO_LONG(414, "The address is too long"),
    UNSUPPORTED_MEDIA_TYPE(415, "The body's media type is not read here"),
    INVALID(422, "Fields of the request are not valid"),
    PRECONDITION_MISSING(428, "If-Match is needed"),
    HEADERS_TOO_LARGE(431, "The headers are too large"),
    INTERNAL(500, "The service failed"),
    UNAVAILABLE(503, "The service is not available now");

    /** What every type begins with. */
    public static final String BASE = "https://asyncjobs.io/problems#";

    private final int status;
    private final String title;

    ProblemKind(int status, String title) {
        this.status = status;
        this.title = title;
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    /** A short summary, the same for every problem of the kind. */
    public String title() {
        return title;
    }

    /** The anchor in docs/problems.md. */
    public String slug() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The kind that has this status, if one has. */
    public static @Nullable ProblemKind of(int status) {
        for (ProblemKind kind : values()) {
            if (kind.status == status) {
                return kind;
            }
        }
        return null;
    }
}

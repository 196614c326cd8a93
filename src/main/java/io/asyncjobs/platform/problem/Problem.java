package io.asyncjobs.platform.problem;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.regex.Pattern;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** The body of every answer that is not a success: RFC 9457, media type {@value #MEDIA_TYPE}. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@Schema(description = "Why the request was not carried out (RFC 9457)")
public record Problem(
        @Schema(
                description = "Which kind of problem; stable, made for programs, described in docs/problems.md",
                examples = "https://asyncjobs.io/problems#invalid",
                format = "uri",
                required = true,
                maxLength = 200)
        String type,

        @Schema(
                description = "The kind in words",
                examples = "Fields of the request are not valid",
                required = true,
                maxLength = 200)
        String title,

        @Schema(
                description = "The HTTP status",
                examples = "422",
                required = true,
                minimum = "400",
                maximum = "599",
                format = "int32")
        int status,

        @Schema(
                description = "This case in words; absent when the service itself failed",
                examples = "pollIntervalSeconds must be a whole number from 1 to 300, was 301",
                maxLength = 100_000)
        @Nullable
        String detail,

        @Schema(
                description = "The path that was asked for",
                examples = "/api/v1/jobs",
                format = "uri-reference",
                required = true,
                maxLength = 2000)
        String instance,

        @Schema(description = "The fields at fault, all at once", maxItems = 10_000)
        List<Violation> violations,

        @Schema(
                description = "Line of the body where reading stopped, from 1",
                minimum = "1",
                maximum = "2147483647",
                format = "int32")
        @Nullable
        Integer line,

        @Schema(
                description = "Column of the body where reading stopped, from 1",
                minimum = "1",
                maximum = "2147483647",
                format = "int32")
        @Nullable
        Integer column,

        @Schema(
                description = "Finds the service's log entry for this failure; present when the service itself failed",
                examples = "0198c8a4-7d0e-7c3b-9f52-6a4b1c2d3e4f",
                maxLength = 64)
        @Nullable
        String correlationId) {

    /** The media type of problems. */
    public static final String MEDIA_TYPE = "application/problem+json";

    private static final Pattern UNREADABLE = Pattern.compile("[\\p{Cntrl}&&[^\\n\\t]]");

    public Problem {
        // It may quote what was sent; control characters are not for people
        detail = detail == null ? null : UNREADABLE.matcher(detail).replaceAll("\uFFFD");
        violations = List.copyOf(violations);
    }

    /** A problem of that kind without further members. */
    public static Problem of(ProblemKind kind, @Nullable String detail, String instance) {
        return new Problem(
                ProblemKind.BASE + kind.slug(),
                kind.title(),
                kind.status(),
                detail,
                instance,
                List.of(),
                null,
                null,
                null);
    }

    /** The answer to what the caller did wrong. */
    static Problem of(DomainException failure, String instance) {
        ProblemKind kind = failure.kind();
        String slug = failure instanceof RefusedException refused ? refused.reason() : kind.slug();
        List<Violation> violations =
                switch (failure) {
                    case InvalidException invalid -> invalid.violations();
                    case MalformedException malformed -> malformed.violations();
                    default -> List.of();
                };
        MalformedException.Location location =
                failure instanceof MalformedException malformed ? malformed.location() : null;
        return new Problem(
                ProblemKind.BASE + slug,
                kind.title(),
                kind.status(),
                failure.getMessage(),
                instance,
                violations,
                location == null ? null : location.line(),
                location == null ? null : location.column(),
                null);
    }

    /** A failure of ours: nothing of the inside, only where to look. */
    static Problem internal(String correlationId, String instance) {
        ProblemKind kind = ProblemKind.INTERNAL;
        return new Problem(
                ProblemKind.BASE + kind.slug(),
                kind.title(),
                kind.status(),
                null,
                instance,
                List.of(),
                null,
                null,
                correlationId);
    }
}

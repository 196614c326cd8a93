package io.asyncjobs.platform.problem;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The request cannot be understood: its body is not the JSON it should be, or a query parameter does not parse. */
public non-sealed class MalformedException extends DomainException {

    /** Where in the body, both from 1. */
    public record Location(int line, int column) {}

    private final transient @Nullable Location location;
    private final transient List<Violation> violations;

    public MalformedException(String message) {
        this(message, null, List.of());
    }

    public MalformedException(String message, @Nullable Location location) {
        this(message, location, List.of());
    }

    /** Query parameters are at fault, each named by a violation. */
    public MalformedException(List<Violation> violations) {
        this(new InvalidException(violations).getMessage(), null, violations);
    }

    private MalformedException(@Nullable String message, @Nullable Location location, List<Violation> violations) {
        super(message == null ? "" : message);
        this.location = location;
        this.violations = List.copyOf(violations);
    }

    /** Where in the body, if that is known. */
    public @Nullable Location location() {
        return location;
    }

    /** The parameters at fault, if any. */
    public List<Violation> violations() {
        return violations;
    }

    @Override
    ProblemKind kind() {
        return ProblemKind.MALFORMED;
    }
}

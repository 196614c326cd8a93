package io.asyncjobs.platform.problem;

import java.util.List;
import java.util.stream.Collectors;

/** The request is well-formed, but fields of it do not hold what they must. Carries everything that is wrong. */
public non-sealed class InvalidException extends DomainException {

    private final transient List<Violation> violations;

    public InvalidException(List<Violation> violations) {
        super(violations.stream()
                .map(violation -> violation.field() + " " + violation.message())
                .collect(Collectors.joining("; ")));
        if (violations.isEmpty()) {
            throw new IllegalArgumentException("Nothing is wrong");
        }
        this.violations = List.copyOf(violations);
    }

    /** One field is at fault. */
    public InvalidException(String field, String message) {
        this(List.of(new Violation(field, message)));
    }

    /** What is wrong: one or more. */
    public List<Violation> violations() {
        return violations;
    }

    @Override
    ProblemKind kind() {
        return ProblemKind.INVALID;
    }
}

package io.asyncjobs.platform.problem;

/** The change must name what it is based on, and does not. */
public non-sealed class PreconditionMissingException extends DomainException {

    public PreconditionMissingException(String message) {
        super(message);
    }

    @Override
    ProblemKind kind() {
        return ProblemKind.PRECONDITION_MISSING;
    }
}

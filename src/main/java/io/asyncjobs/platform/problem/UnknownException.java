package io.asyncjobs.platform.problem;

/** What was named does not exist. */
public non-sealed class UnknownException extends DomainException {

    public UnknownException(String message) {
        super(message);
    }

    @Override
    ProblemKind kind() {
        return ProblemKind.UNKNOWN;
    }
}

package io.asyncjobs.platform.problem;

/** What the caller based the change on is no longer what is there. */
public non-sealed class StaleException extends DomainException {

    public StaleException(String message) {
        super(message);
    }

    @Override
    ProblemKind kind() {
        return ProblemKind.STALE;
    }
}

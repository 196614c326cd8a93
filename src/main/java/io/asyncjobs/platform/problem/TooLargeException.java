package io.asyncjobs.platform.problem;

/** The request's body is larger than allowed; the message names the limit. */
public non-sealed class TooLargeException extends DomainException {

    public TooLargeException(String message) {
        super(message);
    }

    @Override
    ProblemKind kind() {
        return ProblemKind.TOO_LARGE;
    }
}

package io.asyncjobs.platform.problem;

/** The request's body is in a form that is not read here. */
public non-sealed class UnsupportedException extends DomainException {

    public UnsupportedException(String message) {
        super(message);
    }

    @Override
    ProblemKind kind() {
        return ProblemKind.UNSUPPORTED_MEDIA_TYPE;
    }
}

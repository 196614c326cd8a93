package io.asyncjobs.platform.problem;

/** The service cannot do it at the moment; the same request may succeed a little later. */
public non-sealed class UnavailableException extends DomainException {

    public UnavailableException(String message) {
        super(message);
    }

    @Override
    ProblemKind kind() {
        return ProblemKind.UNAVAILABLE;
    }
}

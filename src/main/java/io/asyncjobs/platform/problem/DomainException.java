package io.asyncjobs.platform.problem;

/**
 * Something a caller asked for that cannot be. The message is for the caller: it holds what they sent and what they may
 * do, never anything of the inside.
 */
public abstract sealed class DomainException extends RuntimeException
        permits UnknownException,
                RefusedException,
                InvalidException,
                MalformedException,
                UnsupportedException,
                TooLargeException,
                StaleException,
                PreconditionMissingException,
                UnavailableException {

    DomainException(String message) {
        super(message);
    }

    /** Which entry of the table this is. */
    abstract ProblemKind kind();
}

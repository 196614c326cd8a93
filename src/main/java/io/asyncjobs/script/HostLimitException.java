package io.asyncjobs.script;

/** A host call passed a limit of its run, which ends with that: the message says which limit, its value and what was used. */
public final class HostLimitException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public HostLimitException(String message) {
        super(message);
    }
}

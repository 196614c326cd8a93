package io.asyncjobs.script;

/** A host call that failed for a reason the script may know: its message, and nothing else, becomes the script's Error. */
public final class HostCallException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public HostCallException(String message) {
        super(message);
    }

    public HostCallException(String message, Throwable cause) {
        super(message, cause);
    }
}

package io.asyncjobs.script;

/** The pool takes no further run: it is full, or it is not running. */
public final class RejectedRunException extends RuntimeException {

    private static final long serialVersionUID = 1;

    RejectedRunException(String message) {
        super(message);
    }
}

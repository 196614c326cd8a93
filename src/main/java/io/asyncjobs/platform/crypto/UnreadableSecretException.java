package io.asyncjobs.platform.crypto;

/** What was sealed cannot be opened: it was altered, belongs elsewhere, or its key is not configured. */
public final class UnreadableSecretException extends RuntimeException {

    private static final long serialVersionUID = 1;

    UnreadableSecretException(String message) {
        super(message);
    }

    UnreadableSecretException(String message, Throwable cause) {
        super(message, cause);
    }
}

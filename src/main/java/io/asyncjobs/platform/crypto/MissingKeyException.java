package io.asyncjobs.platform.crypto;

/** Something should be sealed, but no key is configured. */
public final class MissingKeyException extends RuntimeException {

    private static final long serialVersionUID = 1;

    MissingKeyException() {
        super("No encryption key is configured (asyncjobs.encryption.keys)");
    }
}

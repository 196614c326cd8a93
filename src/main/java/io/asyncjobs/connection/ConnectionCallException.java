package io.asyncjobs.connection;

/**
 * A call over a connection that was refused or failed. The message is made for the script: it names the connection and
 * holds nothing of the service's inside, no secret and no address.
 */
public final class ConnectionCallException extends RuntimeException {

    private static final long serialVersionUID = 1;

    ConnectionCallException(String message) {
        super(message);
    }

    /** The cause is for the service's own log only. */
    ConnectionCallException(String message, Throwable cause) {
        super(message, cause);
    }
}

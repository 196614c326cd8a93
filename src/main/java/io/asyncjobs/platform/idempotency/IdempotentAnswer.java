package io.asyncjobs.platform.idempotency;

/**
 * What a call came to.
 *
 * @param replayed whether an earlier call with the same key made it
 */
public record IdempotentAnswer<T>(T body, boolean replayed) {

    /** The header that says so. */
    public static final String REPLAYED = "Idempotency-Replayed";
}

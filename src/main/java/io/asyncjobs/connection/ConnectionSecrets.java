package io.asyncjobs.connection;

import io.asyncjobs.platform.crypto.SecretBox;
import io.asyncjobs.platform.problem.RefusedException;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * Secrets of connections at rest. What is sealed opens only for its own row, use and target: whoever can write the table but
 * has no key can neither swap secrets nor send one elsewhere.
 */
@Singleton
class ConnectionSecrets {

    private static final String SECRET = "sealed_secret";
    private static final String NAMED = "named_secrets:";
    private static final String CLIENT_KEY = "sealed_client_key";
    private static final String TOKEN = "access_token";

    private final SecretBox box;

    ConnectionSecrets(SecretBox box) {
        this.box = box;
    }

    byte[] seal(UUID connection, String target, String secret) {
        return seal(context(connection, SECRET, target), secret);
    }

    String open(UUID connection, String target, byte[] sealed) {
        return open(context(connection, SECRET, target), sealed);
    }

    byte[] sealNamed(UUID connection, String name, String place, String secret) {
        return seal(context(connection, NAMED + name, place), secret);
    }

    String openNamed(UUID connection, String name, String place, byte[] sealed) {
        return open(context(connection, NAMED + name, place), sealed);
    }

    byte[] sealClientKey(UUID connection, String place, String key) {
        return seal(context(connection, CLIENT_KEY, place), key);
    }

    String openClientKey(UUID connection, String place, byte[] sealed) {
        return open(context(connection, CLIENT_KEY, place), sealed);
    }

    /** An access token that was fetched with the secret; it opens only for the same row and target. */
    byte[] sealToken(UUID connection, String target, String token) {
        return seal(context(connection, TOKEN, target), token);
    }

    String openToken(UUID connection, String target, byte[] sealed) {
        return open(context(connection, TOKEN, target), sealed);
    }

    /** Whether it is to be sealed again; never where there is no key. */
    boolean isOfAnotherKey(byte[] sealed) {
        return box.hasKey() && !box.isSealedWithPrimaryKey(sealed);
    }

    private byte[] seal(String context, String secret) {
        if (!box.hasKey()) {
            throw new RefusedException(
                    "encryption-key-missing",
                    "A secret can be stored only where an encryption key is configured: set"
                            + " ASYNCJOBS_ENCRYPTION_KEYS and start the service again.");
        }
        return box.seal(secret.getBytes(StandardCharsets.UTF_8), context);
    }

    private String open(String context, byte[] sealed) {
        return new String(box.open(sealed, context), StandardCharsets.UTF_8);
    }

    private static String context(UUID connection, String use, String target) {
        return "connection/" + connection + "/" + use + "/" + target;
    }
}

package io.asyncjobs.connection;

import io.asyncjobs.platform.crypto.SecretBox;
import io.asyncjobs.platform.problem.RefusedException;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * Secrets of connections at rest. What is sealed opens only for its own row and target: whoever can write the table but
 * has no key can neither swap secrets nor send one elsewhere.
 */
@Singleton
class ConnectionSecrets {

    private final SecretBox box;

    ConnectionSecrets(SecretBox box) {
        this.box = box;
    }

    byte[] seal(UUID connection, String target, String secret) {
        if (!box.hasKey()) {
            throw new RefusedException(
                    "encryption-key-missing",
                    "A secret can be stored only where an encryption key is configured: set"
                            + " ASYNCJOBS_ENCRYPTION_KEYS and start the service again.");
        }
        return box.seal(secret.getBytes(StandardCharsets.UTF_8), context(connection, target));
    }

    String open(UUID connection, String target, byte[] sealed) {
        return new String(box.open(sealed, context(connection, target)), StandardCharsets.UTF_8);
    }

    /** The same secret, sealed with the primary key. */
    byte[] sealAgain(UUID connection, String target, byte[] sealed) {
        return box.seal(box.open(sealed, context(connection, target)), context(connection, target));
    }

    /** An access token that was fetched with the secret; it opens only for the same row and target. */
    byte[] sealToken(UUID connection, String target, String token) {
        return box.seal(token.getBytes(StandardCharsets.UTF_8), tokenContext(connection, target));
    }

    String openToken(UUID connection, String target, byte[] sealed) {
        return new String(box.open(sealed, tokenContext(connection, target)), StandardCharsets.UTF_8);
    }

    /** Whether it is to be sealed again; never where there is no key. */
    boolean isOfAnotherKey(byte[] sealed) {
        return box.hasKey() && !box.isSealedWithPrimaryKey(sealed);
    }

    private static String context(UUID connection, String target) {
        return "connection/" + connection + "/sealed_secret/" + target;
    }

    private static String tokenContext(UUID connection, String target) {
        return "connection/" + connection + "/access_token/" + target;
    }
}

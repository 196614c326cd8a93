package io.asyncjobs.platform.idempotency;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A call that carries a key.
 *
 * @param id SHA-256 of the caller and the key
 * @param call SHA-256 of all that makes it another call
 */
public record IdempotentCall(String id, String call) {

    static IdempotentCall of(String caller, String key, String... call) {
        return new IdempotentCall(sha256(caller, key), sha256(call));
    }

    private static String sha256(String... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String part : parts) {
                byte[] utf8 = part.getBytes(StandardCharsets.UTF_8);
                // With its length: otherwise two parts could pass for two others
                digest.update((utf8.length + ":").getBytes(StandardCharsets.UTF_8));
                digest.update(utf8);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }
}

package io.asyncjobs.platform.crypto;

import io.quarkus.runtime.Startup;
import jakarta.inject.Singleton;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/**
 * Encrypts and decrypts with AES-256 in GCM, by the keys of {@link EncryptionConfig}. Thread-safe.
 *
 * <p>What is sealed is a version byte, the key's id with its length before it, a nonce and the ciphertext with its tag.
 * The first three are authenticated too. Nonces are random: one key may seal some billions of values before two of them
 * become likely to share one.
 */
@Startup // keys that are none stop the service before it serves
@Singleton
public final class SecretBox {

    private static final byte VERSION = 1;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final KeyRing keys;
    private final SecureRandom random = new SecureRandom();

    /** @throws IllegalArgumentException for keys that are none; the message never holds one */
    public SecretBox(EncryptionConfig config) {
        keys = KeyRing.read("asyncjobs.encryption.keys", "AES", config.keys().orElse(List.of()), config.primaryKey());
    }

    /** A new key in the form of {@link EncryptionConfig#keys}. */
    public static String newKey(String id) {
        return KeyRing.newKey(id);
    }

    /** The id of the key that {@link #seal} uses; empty where nothing can be sealed. */
    public Optional<String> primaryKey() {
        return keys.primary();
    }

    /** Whether something can be sealed. */
    public boolean hasKey() {
        return keys.primary().isPresent();
    }

    /**
     * Encrypts with the primary key.
     *
     * @param context where the result will be kept, for example {@code connection/ID/secret}: it opens only there
     * @throws MissingKeyException when no key is configured
     */
    public byte[] seal(byte[] plain, String context) {
        String id = keys.primary().orElseThrow(MissingKeyException::new);
        SecretKey key = keys.key(id).orElseThrow(MissingKeyException::new);
        byte[] head = head(id);
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] encrypted =
                    cipher(Cipher.ENCRYPT_MODE, key, nonce, head, context).doFinal(plain);
            return ByteBuffer.allocate(head.length + nonce.length + encrypted.length)
                    .put(head)
                    .put(nonce)
                    .put(encrypted)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has AES/GCM", e);
        }
    }

    /**
     * Decrypts what {@link #seal} made with the same context.
     *
     * @throws UnreadableSecretException when it was altered or made for another place, or its key is not configured
     */
    public byte[] open(byte[] sealed, String context) {
        if (sealed.length < 2 || sealed[0] != VERSION) {
            throw new UnreadableSecretException("This was not sealed by this service");
        }
        int headLength = 2 + (sealed[1] & 0xff);
        if (sealed.length < headLength + NONCE_BYTES + TAG_BITS / 8) {
            throw new UnreadableSecretException("What was sealed is not whole");
        }
        ByteBuffer rest = ByteBuffer.wrap(sealed);
        byte[] head = new byte[headLength];
        rest.get(head);
        String id = new String(head, 2, headLength - 2, StandardCharsets.UTF_8);
        SecretKey key = keys.key(id)
                .orElseThrow(() -> new UnreadableSecretException("The encryption key '" + KeyRing.printable(id)
                        + "' is not configured (asyncjobs.encryption.keys)"));
        byte[] nonce = new byte[NONCE_BYTES];
        rest.get(nonce);
        byte[] encrypted = new byte[rest.remaining()];
        rest.get(encrypted);
        try {
            return cipher(Cipher.DECRYPT_MODE, key, nonce, head, context).doFinal(encrypted);
        } catch (AEADBadTagException e) {
            throw new UnreadableSecretException(
                    "What was sealed was altered, belongs to another place, or key '" + KeyRing.printable(id)
                            + "' is another one now",
                    e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has AES/GCM", e);
        }
    }

    /** Whether it names the primary key; whether it can be opened is not looked at. */
    public boolean isSealedWithPrimaryKey(byte[] sealed) {
        return keys.primary()
                .map(SecretBox::head)
                .filter(head ->
                        sealed.length >= head.length && Arrays.equals(sealed, 0, head.length, head, 0, head.length))
                .isPresent();
    }

    private static Cipher cipher(int mode, SecretKey key, byte[] nonce, byte[] head, String context)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(head);
        cipher.updateAAD(context.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }

    private static byte[] head(String id) {
        byte[] name = id.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(2 + name.length)
                .put(VERSION)
                .put((byte) name.length)
                .put(name)
                .array();
    }
}

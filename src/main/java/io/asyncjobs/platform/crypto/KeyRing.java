package io.asyncjobs.platform.crypto;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/** Keys by id as they are configured, each {@code id:key} with 32 bytes in Base64; one of them is the primary one. */
public final class KeyRing {

    private static final int KEY_BYTES = 32;
    private static final Pattern KEY = Pattern.compile("([A-Za-z0-9._-]{1,64}):([A-Za-z0-9+/]+={0,2})");

    private final Map<String, SecretKey> keys;
    private final Optional<String> primary;

    private KeyRing(Map<String, SecretKey> keys, Optional<String> primary) {
        this.keys = keys;
        this.primary = primary;
    }

    /**
     * Reads a configured list.
     *
     * @param property where it is configured, {@code PREFIX.keys}
     * @param algorithm what the keys are for, as {@link SecretKeySpec} names it
     * @param primary the id of the primary key; the first one unless given
     * @throws IllegalArgumentException for keys that are none; the message never holds one
     */
    public static KeyRing read(String property, String algorithm, List<String> configured, Optional<String> primary) {
        Map<String, SecretKey> keys = new LinkedHashMap<>();
        for (String entry : configured) {
            Matcher matcher = KEY.matcher(entry.strip());
            if (!matcher.matches()) {
                throw malformed(property);
            }
            byte[] key = decoded(matcher.group(2), property);
            if (key.length != KEY_BYTES) {
                throw malformed(property);
            }
            if (keys.put(matcher.group(1), new SecretKeySpec(key, algorithm)) != null) {
                throw new IllegalArgumentException(property + " holds two keys of one id");
            }
        }
        Optional<String> first = primary.or(() -> keys.keySet().stream().findFirst());
        if (first.isPresent() && !keys.containsKey(first.get())) {
            throw new IllegalArgumentException(
                    property.replaceFirst("keys$", "primary-key") + " names no key of " + property);
        }
        return new KeyRing(keys, first);
    }

    /** A new key in the form in which they are configured. */
    public static String newKey(String id) {
        byte[] key = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(key);
        return id + ":" + Base64.getEncoder().encodeToString(key);
    }

    /** The id of the primary key; empty where there is no key. */
    public Optional<String> primary() {
        return primary;
    }

    /** The key of that id, if it is configured. */
    public Optional<SecretKey> key(String id) {
        return Optional.ofNullable(keys.get(id));
    }

    /** The ids of all keys. */
    public Set<String> ids() {
        return Set.copyOf(keys.keySet());
    }

    /** The id where it can be one, else a question mark: for messages about what came from outside. */
    static String printable(String id) {
        return KEY.matcher(id + ":AA").matches() ? id : "?";
    }

    private static byte[] decoded(String base64, String property) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw malformed(property);
        }
    }

    private static IllegalArgumentException malformed(String property) {
        return new IllegalArgumentException(property + " must hold keys as id:key, the id of letters, digits and . _ -,"
                + " the key of 32 bytes in Base64");
    }
}

package io.asyncjobs.audit;

import io.asyncjobs.platform.crypto.KeyRing;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * The HMACs of the trail, by HMAC-SHA-256 in lower-case hexadecimal. Thread-safe.
 *
 * <p>What is signed is a list of texts, the first of which says what the list is. Each text is written as the number of its
 * bytes in UTF-8 (four bytes, most significant first) and those bytes; a missing one as the number -1. So no two lists have
 * the same bytes.
 *
 * <ul>
 *   <li>seal of an event: {@code asyncjobs-audit-event-1}, then id, at, actor, onBehalfOf, via, entityType, entityId,
 *       entityName, action, before, after, reason, jobId, runId, keyId
 *   <li>hash of an event: {@code asyncjobs-audit-link-1}, then seq, previous hash, seal
 *   <li>signature of a checkpoint: {@code asyncjobs-audit-checkpoint-1}, then at, count, hash, keyId
 * </ul>
 */
final class AuditSeals {

    /** What the first event has as its previous hash. */
    static final String GENESIS = "0".repeat(64);

    private final KeyRing keys;

    AuditSeals(KeyRing keys) {
        this.keys = keys;
    }

    /** The keys of a configuration, in the form of {@link AuditConfig#keys}. */
    static AuditSeals of(List<String> configured, Optional<String> primaryKey) {
        return new AuditSeals(KeyRing.read("asyncjobs.audit.keys", "HmacSHA256", configured, primaryKey));
    }

    KeyRing keys() {
        return keys;
    }

    /** Empty when the event's key is not configured. */
    Optional<String> seal(AuditRecord event) {
        return sign(
                event.keyId(),
                "asyncjobs-audit-event-1",
                event.id().toString(),
                event.at().toString(),
                event.actor(),
                event.onBehalfOf(),
                event.via(),
                event.entityType(),
                event.entityId(),
                event.entityName(),
                event.action(),
                event.before(),
                event.after(),
                event.reason(),
                text(event.jobId()),
                text(event.runId()),
                event.keyId());
    }

    /** Empty when the key is not configured. */
    Optional<String> hash(String keyId, long seq, String previousHash, String seal) {
        return sign(keyId, "asyncjobs-audit-link-1", Long.toString(seq), previousHash, seal);
    }

    /** Empty when the key is not configured. */
    Optional<String> checkpoint(String keyId, Instant at, long count, String hash) {
        return sign(keyId, "asyncjobs-audit-checkpoint-1", at.toString(), Long.toString(count), hash, keyId);
    }

    /** Takes as long for a wrong value as for the right one. */
    static boolean same(String expected, String given) {
        return MessageDigest.isEqual(expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
    }

    private Optional<String> sign(String keyId, @Nullable String... parts) {
        return keys.key(keyId).map(key -> HexFormat.of().formatHex(mac(key).doFinal(bytes(parts))));
    }

    private static Mac mac(SecretKey key) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has HmacSHA256", e);
        }
    }

    private static byte[] bytes(@Nullable String... parts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            for (String part : Arrays.asList(parts)) {
                if (part == null) {
                    out.writeInt(-1);
                } else {
                    byte[] utf8 = part.getBytes(StandardCharsets.UTF_8);
                    out.writeInt(utf8.length);
                    out.write(utf8);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : value.toString();
    }
}

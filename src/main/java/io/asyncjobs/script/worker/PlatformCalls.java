package io.asyncjobs.script.worker;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.proxy.ProxyExecutable;
import org.graalvm.shadowed.com.ibm.icu.text.IDNA;
import org.jspecify.annotations.Nullable;

/**
 * What the platform's rooms have the worker do for one run. A script that poisoned prototypes may get hold of this function:
 * none of what it does reaches outside the run, and it throws nothing but what the engine throws.
 */
final class PlatformCalls implements ProxyExecutable {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final IDNA DOMAINS =
            IDNA.getUTS46Instance(IDNA.NONTRANSITIONAL_TO_ASCII | IDNA.CHECK_BIDI | IDNA.CHECK_CONTEXTJ);
    /** What the standard for addresses lets pass. */
    private static final Set<IDNA.Error> LENIENT = EnumSet.of(
            IDNA.Error.EMPTY_LABEL,
            IDNA.Error.LABEL_TOO_LONG,
            IDNA.Error.DOMAIN_NAME_TOO_LONG,
            IDNA.Error.LEADING_HYPHEN,
            IDNA.Error.TRAILING_HYPHEN,
            IDNA.Error.HYPHEN_3_4);

    /** More than any name has: to encode one takes a time that grows with the square of its length. */
    private static final int MOST_DOMAIN_CHARS = 1024;

    private final Context context;
    private final Platform platform;
    private final long startedNanoTime;

    PlatformCalls(Context context, Platform platform, long startedNanoTime) {
        this.context = context;
        this.platform = platform;
        this.startedNanoTime = startedNanoTime;
    }

    @Override
    public @Nullable Object execute(Value... given) {
        try {
            return call(given[0].asString(), given);
        } catch (PolyglotException e) {
            throw e;
        } catch (RuntimeException | GeneralSecurityException e) {
            // Only a script that calls it in another way than the rooms do
            return null;
        }
    }

    private @Nullable Object call(String what, Value[] given) throws GeneralSecurityException {
        return switch (what) {
            case "room" -> context.eval(platform.room(given[1].asString()));
            case "library" -> context.eval(platform.library(given[1].asString()));
            case "millis" -> (System.nanoTime() - startedNanoTime) / 1e6;
            case "ascii" -> ascii(given[1].asString());
            case "uuid" -> UUID.randomUUID().toString();
            case "encode" -> encode(given[1].asString(), given[2].asString(), given[3]);
            case "decoder" -> Charsets.decoder(given[1].asString(), given[2].asBoolean());
            case "btoa" -> TextBytes.base64OfCharacters(given[1].asString());
            case "atob" -> TextBytes.charactersOfBase64(given[1].asString());
            case "decodeText" ->
                array(TextBytes.decode(given[1].asString(), given[2].asString(), given[3].asBoolean()), given[4]);
            case "encodeBytes" -> TextBytes.encode(bytes(given, 1), given[4].asString(), given[5].asBoolean());
            case "random" -> random(given);
            case "digest" ->
                array(MessageDigest.getInstance(given[1].asString()).digest(bytes(given, 2)), given[5]);
            case "hmac" -> array(hmac(given[1].asString(), bytes(given, 2), bytes(given, 5)), given[8]);
            case "xml" -> Xml.parse(given[1].asString(), given[2].asBoolean(), given[3].asBoolean());
            case "xmlElements" -> elements(given);
            default -> null;
        };
    }

    private static ProxyExecutable elements(Value[] given) {
        Xml xml = Xml.elements(given[1].asString(), given[2].asString(), given[3].asBoolean(), given[4].asBoolean());
        return unused -> xml.nextBatch();
    }

    private static @Nullable Object ascii(String domain) {
        if (domain.length() > MOST_DOMAIN_CHARS) {
            return null;
        }
        IDNA.Info info = new IDNA.Info();
        String name = DOMAINS.nameToASCII(domain, new StringBuilder(), info).toString();
        return LENIENT.containsAll(info.getErrors()) ? name : null;
    }

    /** The bytes in a new buffer, -1 where there is no such charset, or the character that it does not have as text. */
    private static Object encode(String text, String charset, Value allocate) {
        if (charset.equals("utf-8")) {
            return isWellFormed(text)
                    ? buffer(text.getBytes(StandardCharsets.UTF_8), allocate)
                    : "half of a surrogate pair";
        }
        return switch (Charsets.encode(text, charset)) {
            case byte[] bytes -> buffer(bytes, allocate);
            case Object other -> other;
        };
    }

    private static boolean isWellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                if (!Character.isHighSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }

    private static byte[] hmac(String hash, byte[] key, byte[] data) throws GeneralSecurityException {
        String algorithm = "Hmac" + hash.replace("-", "");
        Mac mac = Mac.getInstance(algorithm);
        mac.init(new SecretKeySpec(key, algorithm));
        return mac.doFinal(data);
    }

    private static @Nullable Object random(Value[] given) {
        byte[] bytes = new byte[given[3].asInt()];
        RANDOM.nextBytes(bytes);
        write(given[1], given[2].asInt(), bytes);
        return null;
    }

    /** Of a buffer with offset and length from that argument on. */
    static byte[] bytes(Value[] given, int from) {
        Value buffer = given[from];
        long offset = given[from + 1].asLong();
        int length = given[from + 2].asInt();
        if (offset < 0 || length < 0 || offset + length > buffer.getBufferSize()) {
            throw new IllegalArgumentException("outside of the buffer");
        }
        byte[] bytes = new byte[length];
        buffer.readBuffer(offset, bytes, 0, length);
        return bytes;
    }

    private static @Nullable Object array(byte @Nullable [] bytes, Value allocate) {
        return bytes == null ? null : buffer(bytes, allocate);
    }

    private static Value buffer(byte[] bytes, Value allocate) {
        Value buffer = allocate.execute(bytes.length);
        write(buffer, 0, bytes);
        return buffer;
    }

    private static void write(Value buffer, int offset, byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int i = 0;
        for (; i + Long.BYTES <= bytes.length; i += Long.BYTES) {
            buffer.writeBufferLong(ByteOrder.LITTLE_ENDIAN, (long) offset + i, in.getLong(i));
        }
        for (; i < bytes.length; i++) {
            buffer.writeBufferByte((long) offset + i, bytes[i]);
        }
    }
}

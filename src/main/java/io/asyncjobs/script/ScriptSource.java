package io.asyncjobs.script;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The text of a script and the digests of its exact UTF-8 bytes, lower-case hex as {@code md5sum} and {@code sha256sum}
 * print them. Nothing is normalised: byte order mark, line ends and a missing last line end stay as they came.
 */
public record ScriptSource(String text, String md5, String sha256) {

    /** The largest script a job may have: 1 MiB of UTF-8. */
    public static final int MAX_BYTES = 1024 * 1024;

    public ScriptSource {
        if (md5.length() != 32 || sha256.length() != 64) {
            throw new IllegalArgumentException("not the hexadecimal digests of a script");
        }
    }

    /** @throws MalformedScriptException when the text has half a surrogate pair, and so no UTF-8 form */
    public static ScriptSource of(String text) {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8
                    .newEncoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .encode(CharBuffer.wrap(text));
            return of(text, encoded);
        } catch (CharacterCodingException e) {
            throw new MalformedScriptException("The script holds half a surrogate pair, which no UTF-8 text can", e);
        }
    }

    /** @throws MalformedScriptException when the bytes are not UTF-8 */
    public static ScriptSource ofUtf8(byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return of(text, ByteBuffer.wrap(bytes));
        } catch (CharacterCodingException e) {
            throw new MalformedScriptException("The script is not UTF-8 text", e);
        }
    }

    /** What is wrong with a script of so many bytes, readable after the name of its field. */
    static String tooLarge(int bytes) {
        return "must have at most %d bytes of UTF-8 (1 MiB), has %d".formatted(MAX_BYTES, bytes);
    }

    /** How many bytes were digested. */
    public int size() {
        return utf8().length;
    }

    /** The bytes that were digested; a new array each time. */
    public byte[] utf8() {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static ScriptSource of(String text, ByteBuffer encoded) {
        return new ScriptSource(text, digest("MD5", encoded.duplicate()), digest("SHA-256", encoded.duplicate()));
    }

    private static String digest(String algorithm, ByteBuffer bytes) {
        try {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            digest.update(bytes);
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has " + algorithm, e);
        }
    }
}

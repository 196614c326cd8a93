package io.asyncjobs.script.worker;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Base64;

/** Bytes and their text in other forms, for bodies of HTTP calls: JavaScript has no charsets of its own. */
final class Recoding {

    static final int NO_SUCH_CHARSET = 0;
    static final int OTHER_BYTES = 1;

    private static final String BASE64 = "base64";
    private static final String BYTES = "bytes";
    private static final String UNICODE = "unicode";

    private Recoding() {}

    /**
     * What is given in one form in another one, or a number that says why there is none: {@link #NO_SUCH_CHARSET} or
     * {@link #OTHER_BYTES}.
     *
     * @param from {@code base64}, {@code bytes} (a character for each byte) or {@code utf-8}
     * @param to {@code base64}, {@code bytes}, {@code unicode} (text in the UTF that a byte order mark names, else UTF-8) or the
     *     name of a charset
     */
    static Object recode(String given, String from, String to) {
        byte[] bytes =
                switch (from) {
                    case BASE64 -> Base64.getDecoder().decode(given);
                    case BYTES -> given.getBytes(StandardCharsets.ISO_8859_1);
                    default -> given.getBytes(StandardCharsets.UTF_8);
                };
        return switch (to) {
            case BASE64 -> Base64.getEncoder().encodeToString(bytes);
            case BYTES -> new String(bytes, StandardCharsets.ISO_8859_1);
            case UNICODE -> decoded(bytes, unicode(bytes));
            default -> {
                try {
                    yield decoded(bytes, Charset.forName(to));
                } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
                    yield NO_SUCH_CHARSET;
                }
            }
        };
    }

    private static Charset unicode(byte[] bytes) {
        int first = bytes.length < 2 ? 0 : (bytes[0] & 0xff) << 8 | bytes[1] & 0xff;
        // Its decoder reads the mark
        return first == 0xFEFF || first == 0xFFFE ? StandardCharsets.UTF_16 : StandardCharsets.UTF_8;
    }

    /** Without a byte order mark; nothing is replaced. */
    private static Object decoded(byte[] bytes, Charset charset) {
        try {
            String text = charset.newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            return OTHER_BYTES;
        }
    }
}

package io.asyncjobs.script.worker;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.proxy.ProxyExecutable;
import org.jspecify.annotations.Nullable;

/** Text in the charsets of the JDK. */
final class Charsets {

    static final int NO_SUCH_CHARSET = -1;

    private static final String WESTERN = "windows-1252";
    private static final int FIRST_CONTROL = 0x80;
    private static final int LAST_CONTROL = 0x9f;

    private Charsets() {}

    private static @Nullable Charset charset(String name) {
        try {
            return Charset.forName(name);
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            return null;
        }
    }

    /**
     * The bytes, {@link #NO_SUCH_CHARSET}, or as text the first character that the charset does not have. Nothing is replaced.
     */
    static Object encode(String text, String name) {
        Charset charset = charset(name);
        if (charset == null || !charset.canEncode()) {
            return NO_SUCH_CHARSET;
        }
        CharsetEncoder encoder = charset.newEncoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        try {
            ByteBuffer out = encoder.encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[out.remaining()];
            out.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            return notEncodable(text, encoder.reset());
        }
    }

    private static String notEncodable(String text, CharsetEncoder encoder) {
        int at = 0;
        while (at < text.length()) {
            int code = text.codePointAt(at);
            String character = Character.toString(code);
            boolean half = code <= Character.MAX_VALUE && Character.isSurrogate((char) code);
            if (half || !encoder.canEncode(character)) {
                return half
                        ? "half of a surrogate pair, at index " + at
                        : "\"%s\" (U+%04X), at index %d".formatted(character, code, at);
            }
            at += Character.charCount(code);
        }
        return "such text";
    }

    /**
     * A function of a buffer, an offset, a length and whether the text ends with it, which gives the text so far, or null where
     * the bytes are none of the charset; null where there is no such charset.
     *
     * @param fatal whether such bytes are refused, and not replaced
     */
    static @Nullable ProxyExecutable decoder(String name, boolean fatal) {
        Charset charset = charset(name);
        if (charset == null) {
            return null;
        }
        CodingErrorAction action = fatal ? CodingErrorAction.REPORT : CodingErrorAction.REPLACE;
        CharsetDecoder decoder = charset.newDecoder().onMalformedInput(action).onUnmappableCharacter(action);
        boolean western = name.equals(WESTERN);
        return new ProxyExecutable() {
            private byte[] rest = {};

            @Override
            public @Nullable Object execute(Value... given) {
                byte[] bytes;
                try {
                    bytes = PlatformCalls.bytes(given, 0);
                } catch (IllegalArgumentException e) {
                    return null;
                }
                if (western) {
                    return western(bytes, decoder);
                }
                ByteBuffer in = ByteBuffer.allocate(rest.length + bytes.length)
                        .put(rest)
                        .put(bytes)
                        .flip();
                boolean last = given[3].asBoolean();
                @Nullable String text = decode(decoder, in, last);
                rest = last || text == null ? new byte[0] : new byte[in.remaining()];
                in.get(rest, 0, Math.min(rest.length, in.remaining()));
                return text;
            }
        };
    }

    private static @Nullable String decode(CharsetDecoder decoder, ByteBuffer in, boolean last) {
        StringBuilder text = new StringBuilder(in.remaining());
        CharBuffer out = CharBuffer.allocate(8192);
        CoderResult result;
        do {
            result = decoder.decode(in, out, last);
            if (result.isUnderflow() && last) {
                result = decoder.flush(out);
            }
            text.append(out.flip());
            out.clear();
        } while (result.isOverflow());
        if (last || result.isError()) {
            decoder.reset();
        }
        return result.isError() ? null : text.toString();
    }

    /** As browsers read it: the five bytes that stand for nothing are the control characters of their numbers. */
    private static String western(byte[] bytes, CharsetDecoder decoder) {
        char[] table = new char[LAST_CONTROL - FIRST_CONTROL + 1];
        StringBuilder text = new StringBuilder(bytes.length);
        for (byte b : bytes) {
            int code = b & 0xff;
            if (code < FIRST_CONTROL || code > LAST_CONTROL) {
                text.append((char) code);
                continue;
            }
            if (table[code - FIRST_CONTROL] == 0) {
                String one = new String(new byte[] {b}, decoder.charset());
                table[code - FIRST_CONTROL] = one.equals("\uFFFD") ? (char) code : one.charAt(0);
            }
            text.append(table[code - FIRST_CONTROL]);
        }
        return text.toString();
    }
}

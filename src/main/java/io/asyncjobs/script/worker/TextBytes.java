package io.asyncjobs.script.worker;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Bytes as Base64 and hexadecimal digits, as the standards of the web read and write them. */
final class TextBytes {

    private static final String HEX = "hex";
    private static final String URL = "base64url";
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private TextBytes() {}

    /** Of a text whose characters are bytes; null for any other. */
    static @Nullable String base64OfCharacters(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 0xff) {
                return null;
            }
        }
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** A character for each byte; null for what is no Base64. */
    static @Nullable String charactersOfBase64(String text) {
        byte[] bytes = decode(text, "base64", false);
        return bytes == null ? null : new String(bytes, StandardCharsets.ISO_8859_1);
    }

    static String encode(byte[] bytes, String form, boolean omitPadding) {
        if (form.equals(HEX)) {
            return HexFormat.of().formatHex(bytes);
        }
        Base64.Encoder encoder = form.equals(URL) ? Base64.getUrlEncoder() : Base64.getEncoder();
        return (omitPadding ? encoder.withoutPadding() : encoder).encodeToString(bytes);
    }

    /**
     * The bytes; null for what has not this form. White space in Base64 is passed over.
     *
     * @param form {@code hex}, {@code base64} or {@code base64url}
     * @param strict whether Base64 must have its padding, and no bits that say nothing
     */
    static byte @Nullable [] decode(String text, String form, boolean strict) {
        return form.equals(HEX) ? hex(text) : base64(text, form.equals(URL), strict);
    }

    private static byte @Nullable [] hex(String text) {
        try {
            return HexFormat.of().parseHex(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static byte @Nullable [] base64(String text, boolean url, boolean strict) {
        StringBuilder digits = new StringBuilder(text.length());
        int padding = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
                continue;
            }
            if (c == '=') {
                padding++;
            } else if (padding > 0 || !isDigit(c, url)) {
                return null;
            } else {
                digits.append(c);
            }
        }
        int over = digits.length() % 4;
        int wanted = over == 0 ? 0 : 4 - over;
        if (over == 1 || padding > 0 && padding != wanted || strict && padding != wanted) {
            return null;
        }
        if (strict && over > 0 && (value(digits.charAt(digits.length() - 1)) & (over == 2 ? 15 : 3)) != 0) {
            return null;
        }
        return (url ? Base64.getUrlDecoder() : Base64.getDecoder()).decode(digits.toString());
    }

    private static boolean isDigit(char c, boolean url) {
        return c < 128 && ALPHABET.indexOf(c) >= 0 || (url ? c == '-' || c == '_' : c == '+' || c == '/');
    }

    private static int value(char c) {
        int letter = ALPHABET.indexOf(c);
        return letter >= 0 ? letter : c == '-' || c == '+' ? 62 : 63;
    }
}

package io.asyncjobs.script.worker;

import java.nio.charset.StandardCharsets;

/** Texts measured and cut in bytes of UTF-8. */
final class Utf8 {

    private Utf8() {}

    static long length(String text) {
        long length = text.length();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                // Half a surrogate pair is two of the pair's four bytes
                length += c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
            }
        }
        return length;
    }

    /** As much of the text's beginning as fits into so many bytes, cut between characters. */
    static String prefix(String text, long bytes) {
        if (bytes <= 0) {
            return "";
        }
        byte[] encoded = text.substring(0, (int) Math.min(text.length(), bytes)).getBytes(StandardCharsets.UTF_8);
        int end = (int) Math.min(encoded.length, bytes);
        while (end > 0 && end < encoded.length && (encoded[end] & 0xc0) == 0x80) {
            end--;
        }
        return new String(encoded, 0, end, StandardCharsets.UTF_8);
    }
}

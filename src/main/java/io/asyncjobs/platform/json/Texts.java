package io.asyncjobs.platform.json;

import org.jspecify.annotations.Nullable;

/** What a text must be to be stored and shown: valid Unicode, without the one character PostgreSQL cannot hold. */
public final class Texts {

    private Texts() {}

    /** What is wrong with the text, readable after the name of its field, or null. */
    public static @Nullable String fault(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                return "must not hold the character U+0000";
            }
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                return "must be valid Unicode, but holds half a surrogate pair";
            }
        }
        return null;
    }

    /** The text with U+FFFD for whatever {@link #fault} would object to: for what scripts send and nobody can correct. */
    public static String storable(String text) {
        StringBuilder corrected = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (c == 0 || Character.isSurrogate(c)) {
                corrected = corrected == null ? new StringBuilder(text) : corrected;
                corrected.setCharAt(i, '\uFFFD');
            }
        }
        return corrected == null ? text : corrected.toString();
    }

    /** An empty text says the same as none where a text may be missing. */
    public static @Nullable String emptyToNull(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }

    /** How many bytes the text takes in UTF-8. */
    public static int bytes(String text) {
        int bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            bytes += bytes(text, i);
        }
        return bytes;
    }

    /** The longest beginning of the text that takes at most so many bytes in UTF-8; never ends within a character. */
    public static String beginning(String text, int maxBytes) {
        int bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            bytes += bytes(text, i);
            if (bytes > maxBytes) {
                return text.substring(0, i > 0 && Character.isLowSurrogate(text.charAt(i)) ? i - 1 : i);
            }
        }
        return text;
    }

    /** What the character adds: the halves of a pair two bytes each. */
    private static int bytes(String text, int at) {
        char c = text.charAt(at);
        if (c < 0x80) {
            return 1;
        }
        return c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
}

package io.asyncjobs.platform;

import io.asyncjobs.platform.json.Texts;
import java.text.Normalizer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A name people give, like a job's or a user's: trimmed of spaces, Unicode NFC, at most {@value #MAX_LENGTH} characters.
 *
 * <p>Refused are what cannot be seen or reorders what is seen: control and format characters (bidi overrides, zero-width
 * space), line separators, halves of surrogate pairs. Only the joiners U+200C and U+200D stay, which some scripts need.
 *
 * @param text the name as it is shown
 * @param key equal for names that differ only by case, Unicode form or joiners: unique columns hold it
 */
public record Name(String text, String key) {

    /** In Unicode characters, after normalisation. */
    public static final int MAX_LENGTH = 200;

    /** The name from what somebody typed. */
    public static Name of(String raw) {
        String fault = fault(raw);
        if (fault != null) {
            throw new IllegalArgumentException("The name " + fault);
        }
        String text = normalised(raw);
        return new Name(text, keyOf(text));
    }

    /** The key to look a name up by; for text that is no name, one that no name has. */
    public static String key(String raw) {
        return fault(raw) == null ? keyOf(normalised(raw)) : "";
    }

    /** What somebody searches for, as names are compared; what can be no name may still stand in a description. */
    public static String searched(String raw) {
        String valid = Texts.storable(raw.strip());
        String key = key(valid);
        return key.isEmpty() ? valid.toLowerCase(Locale.ROOT) : key;
    }

    /** What is wrong with it, readable after the field's name, or null. */
    public static @Nullable String fault(String raw) {
        // Normalising is not for free, and 200 characters of NFC never come from this many
        if (raw.length() > 20 * MAX_LENGTH) {
            return "must be at most " + MAX_LENGTH + " characters long, was " + raw.length();
        }
        String text = normalised(raw);
        if (keyOf(text).isEmpty()) {
            return "must not be blank";
        }
        int length = text.codePointCount(0, text.length());
        if (length > MAX_LENGTH) {
            return "must be at most " + MAX_LENGTH + " characters long, was " + length;
        }
        if (text.equals(".") || text.equals("..")) {
            return "must not be a dot or two, which no address can hold";
        }
        return text.codePoints()
                .filter(c -> !isAllowed(c))
                .mapToObj(c -> "must not hold the character U+%04X, which cannot be seen".formatted(c))
                .findFirst()
                .orElse(null);
    }

    private static String normalised(String raw) {
        int start = 0;
        int end = raw.length();
        while (start < end && isSpace(raw.charAt(start))) {
            start++;
        }
        while (end > start && isSpace(raw.charAt(end - 1))) {
            end--;
        }
        return Normalizer.normalize(raw.substring(start, end), Normalizer.Form.NFC);
    }

    private static String keyOf(String text) {
        // Upper first: it unifies what lower case alone keeps apart, like ß and ss or the two sigmas
        String folded = text.replace("\u200C", "")
                .replace("\u200D", "")
                .toUpperCase(Locale.ROOT)
                .toLowerCase(Locale.ROOT);
        return Normalizer.normalize(folded, Normalizer.Form.NFC);
    }

    private static boolean isSpace(char c) {
        return Character.getType(c) == Character.SPACE_SEPARATOR;
    }

    private static boolean isAllowed(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.FORMAT -> codePoint == 0x200C || codePoint == 0x200D;
            case Character.CONTROL,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }
}

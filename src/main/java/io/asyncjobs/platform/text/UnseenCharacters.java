package io.asyncjobs.platform.text;

import java.util.Locale;

/** Characters that cannot be seen, or look like others, written by their names: two lines that differ look different. */
public final class UnseenCharacters {

    private UnseenCharacters() {}

    /** One line or several, with names for what cannot be seen; blanks and tabs are named at the end of a line only. */
    public static String named(String text) {
        StringBuilder named = new StringBuilder();
        int from = 0;
        for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
            named.append(named(text.substring(from, end), 0, end - from)).append('\n');
            from = end + 1;
        }
        String last = text.substring(from);
        return named.append(named(last, 0, last.length())).toString();
    }

    /** A part of one line; the rest of the line tells which blanks stand at its end. */
    static String named(String line, int from, int to) {
        int blanksFrom = endOfText(line);
        StringBuilder named = new StringBuilder();
        for (int i = from; i < to; ) {
            int c = line.codePointAt(i);
            int next = i + Character.charCount(c);
            if (isBlank(c) && i >= blanksFrom) {
                while (next < to && line.charAt(next) == c) {
                    next++;
                }
                named.append(trailing(c, next - i));
            } else if (isUnseen(c)) {
                named.append("⟨%s U+%04X⟩".formatted(name(c), c));
            } else {
                named.appendCodePoint(c);
            }
            i = next;
        }
        return named.toString();
    }

    private static int endOfText(String line) {
        int end = line.length();
        while (end > 0) {
            int c = line.codePointBefore(end);
            if (!isBlank(c) && !isUnseen(c)) {
                return end;
            }
            end -= Character.charCount(c);
        }
        return end;
    }

    private static boolean isBlank(int c) {
        return c == ' ' || c == '\t';
    }

    private static boolean isUnseen(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.SPACE_SEPARATOR -> !isBlank(c);
            case Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            default -> isDrawnAsNothing(c);
        };
    }

    /** Whether it takes no room: zero-width and other format characters, and fillers that count as letters or marks. */
    static boolean isDrawnAsNothing(int c) {
        return Character.getType(c) == Character.FORMAT || isFiller(c);
    }

    /** Fillers, joiners and selectors of variants that count as letters or marks. */
    private static boolean isFiller(int c) {
        return c == 0x034F
                || c == 0x115F
                || c == 0x1160
                || c == 0x17B4
                || c == 0x17B5
                || (c >= 0x180B && c <= 0x180F)
                || c == 0x2800
                || c == 0x3164
                || (c >= 0xFE00 && c <= 0xFE0F)
                || c == 0xFFA0
                || (c >= 0xE0100 && c <= 0xE01EF);
    }

    private static String trailing(int c, int count) {
        String noun = c == '\t' ? "tab" : "space";
        return count == 1 ? "⟨trailing " + noun + "⟩" : "⟨" + count + " trailing " + noun + "s⟩";
    }

    private static String name(int c) {
        return switch (c) {
            case '\r' -> "CR";
            case 0xFEFF -> "byte order mark";
            default -> {
                String name = Character.getName(c);
                yield name == null ? "unnamed character" : name.toLowerCase(Locale.ROOT);
            }
        };
    }
}

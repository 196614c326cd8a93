package io.asyncjobs.script;

/** The line of a script that an error is about, with a mark under the place. */
final class CodeFrame {

    private static final int MAX_CHARS = 160;
    private static final String CUT = "…";

    private CodeFrame() {}

    /** Two lines of text; empty where the script has no such line. {@code line} and {@code column} count from 1. */
    static String of(String script, int line, int column) {
        String text = script.lines().skip(line - 1L).findFirst().orElse("");
        if (text.isBlank() || column < 1 || column > text.length() + 1) {
            return "";
        }
        // Of a long line, such as of a minified script, the part around the place
        int from = column <= MAX_CHARS ? 0 : column - MAX_CHARS / 2;
        int to = Math.min(text.length(), from + MAX_CHARS);
        String shown = (from > 0 ? CUT : "") + text.substring(from, to) + (to < text.length() ? CUT : "");
        String number = line + " | ";
        int before = column - 1 - from + (from > 0 ? CUT.length() : 0);
        StringBuilder mark = new StringBuilder(" ".repeat(number.length()));
        for (int i = 0; i < before; i++) {
            // A tab stays one, so that the mark stands where the reader's tabs put it
            mark.append(shown.charAt(i) == '\t' ? '\t' : ' ');
        }
        return number + shown + "\n" + mark.append('^');
    }
}

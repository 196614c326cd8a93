package io.asyncjobs.platform.text;

import java.util.ArrayList;
import java.util.List;

/**
 * A line with the end that it has.
 *
 * @param end CR LF, LF, a CR alone, or nothing at the end of the text
 */
record TextLine(String text, String end) {

    static final String CR_LF = "\r\n";
    static final String LF = "\n";
    static final String CR = "\r";

    /** The lines of a text, in which a CR alone ends a line too, as it does in a browser's field. */
    static List<TextLine> of(String text) {
        List<TextLine> lines = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\n' && c != '\r') {
                continue;
            }
            String line = text.substring(from, i);
            if (c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n') {
                i++;
                lines.add(new TextLine(line, CR_LF));
            } else {
                lines.add(new TextLine(line, c == '\r' ? CR : LF));
            }
            from = i + 1;
        }
        if (from < text.length()) {
            lines.add(new TextLine(text.substring(from), ""));
        }
        return lines;
    }

    /** The end in words. */
    String endWords() {
        return switch (end) {
            case CR_LF -> "CR LF line end";
            case LF -> "LF line end";
            case CR -> "CR line end";
            default -> "no line end";
        };
    }
}

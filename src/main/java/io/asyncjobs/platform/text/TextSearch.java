package io.asyncjobs.platform.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds one text in others, whatever the case. Immutable. */
public final class TextSearch {

    /** Characters of a line that are shown around what was found in it. */
    private static final int SHOWN_AROUND = 80;

    /**
     * A line that holds what is searched for.
     *
     * @param line its number, from 1
     * @param text the line, or the part of a long one around what was found
     */
    public record Line(int line, String text) {}

    private final String words;
    private final Pattern pattern;

    public TextSearch(String words) {
        this.words = words;
        this.pattern = Pattern.compile(words, Pattern.LITERAL | Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
    }

    /** What is searched for, as it was asked for. */
    public String words() {
        return words;
    }

    /** What is searched for, for comparing with what the database has in lower case. */
    public String lowerCase() {
        return words.toLowerCase(Locale.ROOT);
    }

    public boolean isIn(String text) {
        return pattern.matcher(text).find();
    }

    /** The first lines that hold it; empty where none does. */
    public List<Line> lines(String text, int most) {
        List<Line> lines = new ArrayList<>();
        Matcher matcher = pattern.matcher(text);
        int number = 1;
        int counted = 0;
        int from = 0;
        while (lines.size() < most && from <= text.length() && matcher.find(from)) {
            for (int i = counted; i < matcher.start(); i++) {
                if (text.charAt(i) == '\n') {
                    number++;
                }
            }
            counted = matcher.start();
            lines.add(new Line(number, excerpt(text, matcher.start(), matcher.end())));
            int end = text.indexOf('\n', matcher.end());
            if (end < 0) {
                break;
            }
            from = end + 1;
        }
        return lines;
    }

    private static String excerpt(String text, int start, int end) {
        int lineFrom = text.lastIndexOf('\n', Math.max(0, start - 1)) + 1;
        if (start > 0 && text.charAt(start) == '\n') {
            lineFrom = start;
        }
        int lineTo = text.indexOf('\n', end);
        lineTo = lineTo < 0 ? text.length() : lineTo;
        int from = whole(text, Math.max(lineFrom, start - SHOWN_AROUND));
        int to = whole(text, Math.min(lineTo, end + SHOWN_AROUND));
        return (from > lineFrom ? "…" : "") + text.substring(from, to).strip() + (to < lineTo ? "…" : "");
    }

    /** Not between the halves of a character. */
    private static int whole(String text, int at) {
        return at > 0 && at < text.length() && Character.isLowSurrogate(text.charAt(at)) ? at - 1 : at;
    }
}

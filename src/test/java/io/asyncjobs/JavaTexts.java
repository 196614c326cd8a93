package io.asyncjobs;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The texts of a Java source; those that are put together by {@code +} are one, with a sign for each part that is no text. */
final class JavaTexts {

    /** Stands for what a text is put together with. */
    static final char PART = '§';

    private static final Pattern PLUS = Pattern.compile("\\s*\\+\\s*");
    private static final Pattern PLUS_PART_PLUS = Pattern.compile("\\s*\\+\\s*[\\w.]+(\\([^;{}]*?\\))?\\s*\\+\\s*");
    private static final Pattern PLUS_PART = Pattern.compile("(?s)\\s*\\+\\s*[\\w.]+.*");

    private final String source;
    private final List<String> texts = new ArrayList<>();
    private final StringBuilder between = new StringBuilder();
    private final StringBuilder text = new StringBuilder();
    private int at;

    private JavaTexts(String source) {
        this.source = source;
    }

    static List<String> of(String source) {
        JavaTexts reader = new JavaTexts(source);
        reader.read();
        return reader.texts;
    }

    private void read() {
        while (at < source.length()) {
            if (source.startsWith("//", at)) {
                skipTo("\n");
            } else if (source.startsWith("/*", at)) {
                skipTo("*/");
            } else if (source.startsWith("\"\"\"", at)) {
                at += 3;
                add(literal("\"\"\""));
            } else if (source.charAt(at) == '"') {
                at++;
                add(literal("\""));
            } else if (source.charAt(at) == '\'') {
                at++;
                literal("'");
                between.append("''");
            } else {
                between.append(source.charAt(at++));
            }
        }
        finish();
    }

    private void skipTo(String end) {
        int found = source.indexOf(end, at);
        at = found < 0 ? source.length() : found + end.length();
    }

    private String literal(String end) {
        StringBuilder read = new StringBuilder();
        while (at < source.length() && !source.startsWith(end, at)) {
            if (source.charAt(at) == '\\' && at + 1 < source.length()) {
                at++;
                // Of the escapes only those matter that are no sign themselves
                read.append("nrtbfs\n".indexOf(source.charAt(at)) >= 0 ? ' ' : source.charAt(at));
            } else {
                read.append(source.charAt(at));
            }
            at++;
        }
        at += end.length();
        return read.toString();
    }

    private void add(String literal) {
        if (!text.isEmpty() && PLUS_PART_PLUS.matcher(between).matches()) {
            text.append(PART);
        } else if (text.isEmpty() || !PLUS.matcher(between).matches()) {
            finish();
        }
        between.setLength(0);
        text.append(literal);
    }

    private void finish() {
        if (!text.isEmpty()) {
            texts.add(PLUS_PART.matcher(between).matches() ? text.toString() + PART : text.toString());
        }
        text.setLength(0);
    }
}

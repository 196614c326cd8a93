package io.asyncjobs.run.history;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;

/** A run's log as plain text: an entry a line, in which nothing a script wrote can pass for a line of its own. */
final class LogText {

    /** Characters that are worth sending together. */
    private static final int PIECE = 16 * 1024;

    private LogText() {}

    /** Some more of the log's text, in which line breaks and control characters inside an entry are escaped; empty at its end. */
    static String next(LogLines lines) {
        StringBuilder text = new StringBuilder();
        while (text.length() < PIECE) {
            LogLines.Line next = lines.next();
            if (next == null) {
                break;
            }
            JsonNode line = next.content();
            text.append(line.path("at").asText())
                    .append(' ')
                    .append("%-5s".formatted(line.path("level").asText().toUpperCase(Locale.ROOT)))
                    .append(' ');
            escape(line.path("text").asText(), text);
            if (line.has("data")) {
                text.append(' ').append(line.get("data"));
            }
            text.append('\n');
        }
        return text.toString();
    }

    private static void escape(String raw, StringBuilder text) {
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            switch (c) {
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append(c);
                default -> {
                    if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
                        text.append("\\u%04x".formatted((int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
    }
}

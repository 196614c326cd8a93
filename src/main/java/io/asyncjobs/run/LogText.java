package io.asyncjobs.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Locale;

/** A run's log as plain text: an entry a line, in which nothing a script wrote can pass for a line of its own. */
final class LogText {

    private final ObjectMapper json;

    LogText(ObjectMapper json) {
        this.json = json;
    }

    /** The text of these chunks; line breaks and control characters inside an entry are escaped. */
    String of(List<RunHistory.LogChunk> chunks) {
        StringBuilder text = new StringBuilder();
        for (RunHistory.LogChunk chunk : chunks) {
            for (JsonNode line : read(chunk.linesJson())) {
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

    private JsonNode read(String chunk) {
        try {
            return json.readTree(chunk);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A stored log cannot be read", e);
        }
    }
}

package io.asyncjobs.run.host;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.script.LogLine;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;

/** Lines of a log as they are stored and sent. */
public final class LogJson {

    private static final JsonFactory JSON = new JsonFactory();

    private LogJson() {}

    /** A JSON array of {@code {at, level, text, data}}, {@code data} only where a line has any. */
    public static String of(List<LogLine> lines, DatabaseClock clock) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartArray();
            for (LogLine line : lines) {
                json.writeStartObject();
                json.writeStringField("at", clock.atNanoTime(line.nanoTime()).toString());
                json.writeStringField("level", line.level().name().toLowerCase(Locale.ROOT));
                json.writeStringField("text", line.text());
                if (line.dataJson() != null) {
                    json.writeFieldName("data");
                    json.writeRawValue(line.dataJson());
                }
                json.writeEndObject();
            }
            json.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }
}

package io.asyncjobs.run.host;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.asyncjobs.script.ScriptError;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** Errors of runs as they are stored. */
public final class ErrorJson {

    private static final JsonFactory JSON = new JsonFactory();

    private ErrorJson() {}

    /** JSON text of an error. */
    public static String of(ScriptError error) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("message", error.message());
            write(json, "line", error.line());
            write(json, "column", error.column());
            json.writeStringField("stack", error.stack());
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private static void write(JsonGenerator json, String field, @Nullable Integer number) throws IOException {
        json.writeFieldName(field);
        if (number == null) {
            json.writeNull();
        } else {
            json.writeNumber(number);
        }
    }
}

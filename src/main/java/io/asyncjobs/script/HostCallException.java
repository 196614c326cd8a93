package io.asyncjobs.script;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Map;

/**
 * A host call that failed for a reason the script may know: its message and its fields, and nothing else, become the
 * script's Error.
 */
public final class HostCallException extends RuntimeException {

    private static final long serialVersionUID = 1;
    private static final JsonFactory JSON = new JsonFactory();

    /** A JSON object, or empty. */
    private final String fieldsJson;

    public HostCallException(String message) {
        super(message);
        this.fieldsJson = "";
    }

    public HostCallException(String message, Throwable cause) {
        super(message, cause);
        this.fieldsJson = "";
    }

    /** @param fields texts and whole numbers that the script finds on its Error, so that it need not read the message */
    public HostCallException(String message, Map<String, Object> fields) {
        super(message);
        this.fieldsJson = fields.isEmpty() ? "" : json(fields);
    }

    /** The message as it goes to the worker: fields follow it behind U+0000, which no message holds. */
    String toWorker() {
        String message = String.valueOf(getMessage()).replace('\0', '\uFFFD');
        return fieldsJson.isEmpty() ? message : message + '\0' + fieldsJson;
    }

    private static String json(Map<String, Object> fields) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            for (Map.Entry<String, Object> field : fields.entrySet()) {
                json.writeFieldName(field.getKey());
                switch (field.getValue()) {
                    case Integer number -> json.writeNumber(number);
                    case Object other -> json.writeString(other.toString());
                }
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("Nothing fails in memory", e);
        }
        return text.toString();
    }
}

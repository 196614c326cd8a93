package io.asyncjobs.platform.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.platform.problem.MalformedException;
import io.asyncjobs.platform.problem.UnsupportedException;
import jakarta.annotation.Priority;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.ext.MessageBodyReader;
import jakarta.ws.rs.ext.Provider;
import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;

/** Reads every record a resource takes as its body by {@link StrictJson}. */
@Provider
@Priority(1)
@Consumes({MediaType.APPLICATION_JSON, MergePatch.MEDIA_TYPE})
public class StrictJsonReader implements MessageBodyReader<Object> {

    private final StrictJson json;

    public StrictJsonReader(StrictJson json) {
        this.json = json;
    }

    @Override
    public boolean isReadable(Class<?> type, Type genericType, Annotation[] annotations, MediaType mediaType) {
        return type.isRecord();
    }

    @Override
    public Object readFrom(
            Class<Object> type,
            Type genericType,
            Annotation[] annotations,
            MediaType mediaType,
            MultivaluedMap<String, String> headers,
            InputStream body)
            throws IOException {
        String charset = mediaType.getParameters().get(MediaType.CHARSET_PARAMETER);
        if (charset != null && !"utf-8".equalsIgnoreCase(charset)) {
            throw new UnsupportedException("JSON is read in UTF-8 only; Content-Type says " + charset + ".");
        }
        byte[] utf8 = body.readAllBytes();
        if (type.equals(MergePatch.class)) {
            return patch(utf8);
        }
        if (type.equals(JsonValue.class)) {
            return new JsonValue(json.parse(utf8));
        }
        return json.read(utf8, type.asSubclass(Record.class));
    }

    private MergePatch patch(byte[] utf8) {
        JsonNode body = json.parse(utf8);
        if (!(body instanceof ObjectNode changes)) {
            throw new MalformedException("The body must be a JSON object, but is " + Faults.kindOf(body) + ".");
        }
        return new MergePatch(changes);
    }
}

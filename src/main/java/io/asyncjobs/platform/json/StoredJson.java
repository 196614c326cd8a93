package io.asyncjobs.platform.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.POJONode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.databind.util.RawValue;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** JSON objects as they lie in the tables. */
public final class StoredJson {

    private static final JsonFactory JSON = new JsonFactory();

    private StoredJson() {}

    /** To be written as it is stored, character by character; where that is damaged, and so no JSON object, as a text. */
    public static JsonNode asStored(@Nullable String stored) {
        if (stored == null) {
            return NullNode.instance;
        }
        return isObject(stored) ? new POJONode(new RawValue(stored)) : TextNode.valueOf(stored);
    }

    private static boolean isObject(String stored) {
        try (JsonParser parser = JSON.createParser(stored)) {
            JsonToken first = parser.nextToken();
            parser.skipChildren();
            return first == JsonToken.START_OBJECT && parser.nextToken() == null;
        } catch (IOException e) {
            return false;
        }
    }
}

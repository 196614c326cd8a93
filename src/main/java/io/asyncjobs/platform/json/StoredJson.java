package io.asyncjobs.platform.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.POJONode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.asyncjobs.platform.problem.MalformedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** JSON objects as they lie in the tables. */
public final class StoredJson {

    private static final JsonFactory JSON = new JsonFactory();

    /** {@code 1.10} and {@code 1.1} are one number and two texts. */
    private static final Comparator<JsonNode> AS_WRITTEN = (a, b) -> {
        boolean same = a.isNumber() && b.isNumber() ? a.asText().equals(b.asText()) : a.equals(b);
        return same ? 0 : 1;
    };

    private StoredJson() {}

    /** As a tree in which numbers keep their text; null where it is damaged, and so no JSON object. */
    public static @Nullable ObjectNode object(String stored) {
        return tree(stored) instanceof ObjectNode object ? object : null;
    }

    /** As a tree in which numbers keep their text; null where it is not what a request could hold. */
    public static @Nullable JsonNode tree(String stored) {
        try {
            return JsonText.read(stored, new ArrayList<>());
        } catch (MalformedException e) {
            return null;
        }
    }

    /** Whether two objects hold the same, whatever the order of their keys; numbers are the same where their texts are. */
    public static boolean same(@Nullable String a, @Nullable String b) {
        if (a == null || b == null || a.equals(b)) {
            return Objects.equals(a, b);
        }
        ObjectNode left = object(a);
        ObjectNode right = object(b);
        return left != null && right != null && sameTree(left, right);
    }

    /** As {@link #same(String, String)}, of trees; also of those that {@link #asStored} gave. */
    public static boolean sameTree(JsonNode a, JsonNode b) {
        return a.isPojo() || b.isPojo() ? same(a.toString(), b.toString()) : a.equals(AS_WRITTEN, b);
    }

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

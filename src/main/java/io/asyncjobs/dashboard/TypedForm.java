package io.asyncjobs.dashboard;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.ws.rs.core.MultivaluedMap;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What came from a form. Fields go by their path in a draft, {@code http.baseUrl}; what was left empty is left out of the
 * JSON that is made of them, which is checked as the API checks a body.
 */
final class TypedForm {

    /** The field that says which state the form was made from. */
    static final String ETAG = "etag";

    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,30}(\\.[0-9]{1,30})?");

    /** Matches no state, unlike an empty one. */
    private static final String NO_STATE = "\"\"";

    private final Map<String, String> values = new LinkedHashMap<>();
    private final ObjectNode json = JsonNodeFactory.instance.objectNode();

    TypedForm(MultivaluedMap<String, String> fields) {
        // Browsers send the lines of a text with CR LF
        fields.forEach((name, typed) ->
                values.put(name, typed.isEmpty() ? "" : typed.getFirst().replace("\r\n", "\n")));
    }

    /** The field as it was typed; empty when it did not come. */
    String value(String path) {
        return values.getOrDefault(path, "");
    }

    Map<String, String> values() {
        return values;
    }

    /** For {@code If-Match}. */
    String etag() {
        String etag = value(ETAG);
        return etag.isBlank() ? NO_STATE : etag;
    }

    /** Takes fields as texts. */
    TypedForm texts(String... paths) {
        for (String path : paths) {
            if (!value(path).isEmpty()) {
                parent(path).put(last(path), value(path));
            }
        }
        return this;
    }

    /** Takes fields as numbers; what is none stays a text, for the check to say so. */
    TypedForm numbers(String... paths) {
        for (String path : paths) {
            String typed = value(path).strip();
            if (NUMBER.matcher(typed).matches()) {
                parent(path).put(last(path), new BigDecimal(typed));
            } else if (!typed.isEmpty()) {
                parent(path).put(last(path), typed);
            }
        }
        return this;
    }

    /** Takes a box, which a browser sends only where it is ticked. */
    TypedForm box(String path) {
        parent(path).put(last(path), !value(path).isEmpty());
        return this;
    }

    /** The fields that were taken. */
    ObjectNode json() {
        return json;
    }

    private ObjectNode parent(String path) {
        ObjectNode parent = json;
        String[] names = path.split("\\.");
        for (int i = 0; i < names.length - 1; i++) {
            parent = parent.withObjectProperty(names[i]);
        }
        return parent;
    }

    private static String last(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }
}

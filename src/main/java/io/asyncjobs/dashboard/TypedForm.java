package io.asyncjobs.dashboard;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.platform.json.StrictJson;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.MalformedException;
import io.asyncjobs.platform.problem.Violation;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jboss.resteasy.reactive.server.multipart.MultipartFormDataInput;

/**
 * What came from a form. Fields go by their path in a draft, {@code http.baseUrl}; what was left empty is left out of the
 * JSON that is made of them, which is checked as the API checks a body.
 */
final class TypedForm {

    /** The field that says which state the form was made from. */
    static final String ETAG = "etag";

    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,30}(\\.[0-9]{1,30})?");

    /** How the reader of bodies begins to say so. */
    private static final String NO_JSON = "The body is not JSON: ";

    /** Matches no state, unlike an empty one. */
    private static final String NO_STATE = "\"\"";

    private final Map<String, String> values = new LinkedHashMap<>();
    private final ObjectNode json = JsonNodeFactory.instance.objectNode();

    TypedForm(MultivaluedMap<String, String> fields) {
        // Browsers send the lines of a text with CR LF
        fields.forEach((name, typed) ->
                values.put(name, typed.isEmpty() ? "" : typed.getFirst().replace("\r\n", "\n")));
    }

    /** Of a form that was sent in parts, as large ones are: those of its fields that hold text. */
    static TypedForm of(MultipartFormDataInput parts) {
        MultivaluedMap<String, String> fields = new MultivaluedHashMap<>();
        parts.getValues().forEach((name, values) -> values.stream()
                .filter(value -> !value.isFileItem())
                .forEach(value -> fields.add(name, value.getValue())));
        return new TypedForm(fields);
    }

    /** The same with another text in a field. */
    TypedForm with(String path, String value) {
        values.put(path, value);
        return this;
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

    /** Takes fields as JSON; what is none is added to the violations. */
    TypedForm trees(StrictJson reader, List<Violation> violations, String... paths) {
        for (String path : paths) {
            if (value(path).isBlank()) {
                continue;
            }
            try {
                parent(path).set(last(path), reader.parse(value(path)));
            } catch (MalformedException e) {
                String why = String.valueOf(e.getMessage());
                violations.add(new Violation(
                        path, "must be JSON: " + (why.startsWith(NO_JSON) ? why.substring(NO_JSON.length()) : why)));
            } catch (InvalidException e) {
                e.violations()
                        .forEach(inside -> violations.add(new Violation(
                                inside.field().isEmpty() ? path : path + "." + inside.field(), inside.message())));
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

package io.asyncjobs.dashboard.form;

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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.resteasy.reactive.server.multipart.MultipartFormDataInput;
import org.jspecify.annotations.Nullable;

/**
 * What came from a form. Fields go by their path in a draft, {@code http.baseUrl}; what was left empty is left out of the
 * JSON that is made of them, which is checked as the API checks a body.
 */
public final class TypedForm {

    /** The field that says which state the form was made from: of a job, its revision and a space before the tag. */
    static final String ETAG = "etag";

    /** Stands before the names of fields that were kept while their reader signed in again. */
    public static final String KEPT = "kept.";

    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,30}(\\.[0-9]{1,30})?");

    /** How the reader of bodies begins to say so. */
    private static final String NO_JSON = "The body is not JSON: ";

    private static final Pattern REVISION = Pattern.compile("([0-9]{1,9}) (.*)", Pattern.DOTALL);

    /** Matches no state, unlike an empty one. */
    private static final String NO_STATE = "\"\"";

    private final Map<String, String> values = new LinkedHashMap<>();
    private final ObjectNode json = JsonNodeFactory.instance.objectNode();
    private final boolean kept;

    public TypedForm(MultivaluedMap<String, String> fields) {
        this(fields, false);
    }

    private TypedForm(MultivaluedMap<String, String> fields, boolean kept) {
        this.kept = kept;
        // Browsers send the lines of a text with CR LF
        fields.forEach((name, typed) ->
                values.put(name, typed.isEmpty() ? "" : typed.getFirst().replace("\r\n", "\n")));
    }

    private TypedForm(Map<String, String> values, boolean kept) {
        this.kept = kept;
        this.values.putAll(values);
    }

    /**
     * Of a form that was sent in parts, as large ones are: those of its fields that hold text. Where it comes by way of signing
     * in, only what was kept on that way.
     */
    public static TypedForm of(MultipartFormDataInput parts) {
        MultivaluedMap<String, String> fields = new MultivaluedHashMap<>();
        MultivaluedMap<String, String> kept = new MultivaluedHashMap<>();
        parts.getValues().forEach((name, values) -> values.stream()
                .filter(value -> !value.isFileItem())
                .forEach(value -> {
                    if (name.startsWith(KEPT)) {
                        kept.add(name.substring(KEPT.length()), value.getValue());
                    } else {
                        fields.add(name, value.getValue());
                    }
                }));
        return kept.isEmpty() ? new TypedForm(fields) : new TypedForm(kept, true);
    }

    /** The same fields, of which none is taken yet. */
    public TypedForm again() {
        return new TypedForm(values, kept);
    }

    /** Whether it comes by way of signing in. */
    public boolean isKept() {
        return kept;
    }

    /** The same with another text in a field. */
    public TypedForm with(String path, String value) {
        values.put(path, value);
        return this;
    }

    /** The field as it was typed; empty when it did not come. */
    public String value(String path) {
        return values.getOrDefault(path, "");
    }

    public Map<String, String> values() {
        return values;
    }

    /** The state that the form was made from, as the form says it. */
    String version() {
        return value(ETAG);
    }

    /** For {@code If-Match}. */
    public String etag() {
        Matcher versioned = REVISION.matcher(version());
        String etag = versioned.matches() ? versioned.group(2) : version();
        return etag.isBlank() ? NO_STATE : etag;
    }

    /** The revision that the form was made from; null where the form does not say it. */
    @Nullable
    public Integer revision() {
        return revision(ETAG);
    }

    /** The revision that a field names, alone or before a tag. */
    @Nullable
    public Integer revision(String path) {
        Matcher versioned = REVISION.matcher(value(path) + " ");
        return versioned.matches() ? Integer.valueOf(versioned.group(1)) : null;
    }

    /** Those fields whose names begin so, without that beginning. */
    Map<String, String> beginning(String prefix) {
        Map<String, String> found = new LinkedHashMap<>();
        values.forEach((name, value) -> {
            if (name.startsWith(prefix)) {
                found.put(name.substring(prefix.length()), value);
            }
        });
        return found;
    }

    /** Takes fields as texts. */
    public TypedForm texts(String... paths) {
        for (String path : paths) {
            if (!value(path).isEmpty()) {
                parent(path).put(last(path), value(path));
            }
        }
        return this;
    }

    /** Takes fields as numbers; what is none stays a text, for the check to say so. */
    public TypedForm numbers(String... paths) {
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
    public TypedForm trees(StrictJson reader, List<Violation> violations, String... paths) {
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

    /** Says of boxes whether they are ticked; a browser sends only those that are. */
    public TypedForm withBoxes(String... paths) {
        for (String path : paths) {
            values.put(path, String.valueOf(isTicked(path)));
        }
        return this;
    }

    /** Takes a box, which a browser sends only where it is ticked. */
    public TypedForm box(String path) {
        parent(path).put(last(path), isTicked(path));
        return this;
    }

    private boolean isTicked(String path) {
        return !value(path).isEmpty() && !value(path).equals("false");
    }

    /** The fields that were taken. */
    public ObjectNode json() {
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

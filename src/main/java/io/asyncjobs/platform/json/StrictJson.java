package io.asyncjobs.platform.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.MalformedException;
import io.asyncjobs.platform.problem.Violation;
import jakarta.inject.Singleton;
import jakarta.validation.Validator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Reads records ("drafts") from JSON and takes nothing that is not exactly right: no unknown or repeated field, no
 * coercion, no null where the component is not {@code @Nullable}. An absent component takes the
 * {@code defaultValue} of its {@code @Schema}, else null where that is allowed. Bean Validation constraints on the
 * components are checked too, and everything that is wrong is said at once.
 *
 * <p>Thread-safe. Throws {@link MalformedException} for what is no JSON object and {@link InvalidException} for the rest.
 */
@Singleton
public class StrictJson {

    private final ObjectMapper json;
    private final RecordBinder binder;

    public StrictJson(ObjectMapper json, Validator validator) {
        this.json = json;
        this.binder = new RecordBinder(validator);
    }

    /** One JSON value, with the syntax checked as for a request's body. */
    public JsonNode parse(String text) {
        List<Violation> violations = new ArrayList<>();
        return valid(JsonText.read(text, violations), violations);
    }

    /**
     * One JSON value of a text that holds more than one fault, perhaps.
     *
     * @param violations takes what is well-formed but not allowed
     * @param places hears where each value begins
     */
    public JsonNode parse(String text, List<Violation> violations, PlaceListener places) {
        return JsonText.read(text, violations, places);
    }

    /**
     * Lets a value pass that a script is to read.
     *
     * @param root what the value is called where it is at fault itself
     * @throws InvalidException with the paths of what PostgreSQL or JavaScript cannot hold
     */
    public static void requireForScripts(JsonNode value, String root) {
        Faults faults = new Faults(List.of());
        FreeJson.check(value, value.isContainerNode() ? "" : root, true, faults);
        valid(value, faults.violations());
    }

    /** As {@link #parse(String)}. */
    JsonNode parse(byte[] utf8) {
        List<Violation> violations = new ArrayList<>();
        return valid(JsonText.read(utf8, violations), violations);
    }

    private static JsonNode valid(JsonNode value, List<Violation> violations) {
        if (!violations.isEmpty()) {
            throw new InvalidException(violations);
        }
        return value;
    }

    /**
     * A request's body as that record. Where the record needs nothing, no body is the same as an empty object, and so is
     * {@code null}, which generated clients send for none.
     */
    public <T extends Record> T read(byte[] utf8, Class<T> type) {
        List<Violation> violations = new ArrayList<>();
        boolean optional = binder.needsNothing(type);
        if (utf8.length == 0 && optional) {
            return binder.bind(json.createObjectNode(), type, violations);
        }
        JsonNode body = JsonText.read(utf8, violations);
        return binder.bind(body.isNull() && optional ? json.createObjectNode() : body, type, violations);
    }

    /** The record as JSON text, the same for the same values. */
    public String text(Record value) {
        return json.valueToTree(value).toString();
    }

    /** A tree as that record. */
    public <T extends Record> T bind(JsonNode body, Class<T> type) {
        return binder.bind(body, type, new ArrayList<>());
    }

    /**
     * The draft changed by the patch and checked as a whole.
     *
     * <p>A null in the patch says "none" and so is refused for a component that needs a value, instead of quietly
     * bringing back a default.
     */
    public <T extends Record> T patched(T current, MergePatch patch, Class<T> type) {
        ObjectNode tree = json.valueToTree(current);
        ObjectNode merged = mergePatch(tree, patch.changes());
        patch.changes().properties().stream()
                .filter(change -> change.getValue().isNull())
                .forEach(change -> merged.putNull(change.getKey()));
        return bind(merged, type);
    }

    /** RFC 7396: a new tree; neither argument is changed. Numbers, texts and arrays replace, null removes. */
    public static ObjectNode mergePatch(ObjectNode current, ObjectNode patch) {
        ObjectNode merged = current.deepCopy();
        for (Map.Entry<String, JsonNode> change : patch.properties()) {
            String name = change.getKey();
            if (change.getValue().isNull()) {
                merged.remove(name);
            } else if (change.getValue() instanceof ObjectNode nested) {
                ObjectNode base = merged.get(name) instanceof ObjectNode existing
                        ? existing
                        : JsonNodeFactory.instance.objectNode();
                merged.set(name, mergePatch(base, nested));
            } else {
                merged.set(name, change.getValue().deepCopy());
            }
        }
        return merged;
    }
}

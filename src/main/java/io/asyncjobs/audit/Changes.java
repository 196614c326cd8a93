package io.asyncjobs.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fields that changed, with their old and their new values, as texts of JSON objects.
 *
 * @param before null where there was nothing
 * @param after null where nothing is left
 */
public record Changes(@Nullable String before, @Nullable String after) {

    /** Something was done that changed no field. */
    public static final Changes NONE = new Changes(null, null);

    /** The difference: everything where one side is missing, else the fields that are not alike. */
    public static Changes between(@Nullable ObjectNode before, @Nullable ObjectNode after) {
        if (before == null || after == null) {
            return new Changes(text(before), text(after));
        }
        ObjectNode old = JsonNodeFactory.instance.objectNode();
        ObjectNode fresh = JsonNodeFactory.instance.objectNode();
        for (Map.Entry<String, JsonNode> field : before.properties()) {
            JsonNode other = after.get(field.getKey());
            if (!field.getValue().equals(other)) {
                old.set(field.getKey(), field.getValue());
                if (other != null) {
                    fresh.set(field.getKey(), other);
                }
            }
        }
        for (Map.Entry<String, JsonNode> field : after.properties()) {
            if (!before.has(field.getKey())) {
                fresh.set(field.getKey(), field.getValue());
            }
        }
        return old.isEmpty() && fresh.isEmpty() ? NONE : new Changes(text(old), text(fresh));
    }

    /** Whether no field is among them. */
    public boolean isEmpty() {
        return before == null && after == null;
    }

    private static @Nullable String text(@Nullable ObjectNode fields) {
        return fields == null ? null : fields.toString();
    }
}

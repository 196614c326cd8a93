package io.asyncjobs.platform.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.Violation;
import io.asyncjobs.platform.shape.RecordShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Lets a client send back what it read, changed or not: an answer has fields that a draft does not know.
 *
 * @param view what is answered
 * @param draft what is sent
 */
public record ReadBack(Class<? extends Record> view, Class<? extends Record> draft) {

    /** The body without what only an answer has. A body that is no object stays as it is. */
    public JsonNode draftOf(JsonNode body) {
        if (!(body instanceof ObjectNode object)) {
            return body;
        }
        Set<String> answered = RecordShape.of(view).names();
        answered.removeAll(RecordShape.of(draft).names());
        return object.deepCopy().remove(answered);
    }

    /**
     * Refuses an answer's field that says something else than it is now, where somebody may think that this changes it.
     *
     * @param present by field
     * @param how by field: what to do instead
     * @throws InvalidException with all of them, in the order of the body
     */
    public static void requireUnchanged(JsonNode body, Map<String, JsonNode> present, Map<String, String> how) {
        List<Violation> violations = new ArrayList<>();
        body.properties().forEach(sent -> {
            String field = sent.getKey();
            JsonNode now = present.get(field);
            if (now != null && !sent.getValue().equals(now)) {
                violations.add(new Violation(
                        field, "cannot be changed here, and is " + now + " now; " + how.getOrDefault(field, "")));
            }
        });
        if (!violations.isEmpty()) {
            throw new InvalidException(violations);
        }
    }
}

package io.asyncjobs.dashboard;

import io.asyncjobs.platform.problem.Violation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a form shows: in each field what was typed, or what is stored; beside it what is wrong with that.
 *
 * @param id stands before the ids of its fields
 * @param values by the fields' paths; never one of a secret
 * @param stored what is stored now, for who typed over something older
 * @param refusal why nothing was done, where no field is at fault
 * @param stale whether the state that the form was made from is no longer what is there
 * @param etag the state that the form is made from
 * @param reasonRequired whether nothing is done without a reason
 */
public record FormFields(
        String id,
        DraftShape shape,
        Map<String, String> values,
        Map<String, String> stored,
        List<Violation> violations,
        @Nullable String refusal,
        boolean stale,
        String etag,
        boolean reasonRequired) {

    public FormFields {
        values = Map.copyOf(values);
        stored = Map.copyOf(stored);
        violations = List.copyOf(violations);
    }

    /** The same with another value, stored and shown. */
    FormFields with(String path, String value) {
        Map<String, String> shown = new HashMap<>(values);
        shown.put(path, value);
        return new FormFields(id, shape, shown, shown, violations, refusal, stale, etag, reasonRequired);
    }

    /** What a field shows. */
    public String value(String path) {
        return values.getOrDefault(path, "");
    }

    /** What is stored in a field. */
    String storedValue(String path) {
        return stored.getOrDefault(path, "");
    }

    /** Whether a box is ticked. */
    public boolean ticked(String path) {
        return value(path).equals("true");
    }

    /** What the draft's rules say of a field. */
    public DraftShape.Field rules(String path) {
        return shape.field(path);
    }

    /** The fields' identifier in the page. */
    public String idOf(String path) {
        return id + "-" + path;
    }

    /** What is wrong with a field or with something inside it. */
    public List<String> faults(String path) {
        return violations.stream()
                .filter(violation -> isWithin(violation.field(), path))
                .map(violation -> violation.field().equals(path)
                        ? violation.message()
                        : violation.field().substring(path.length() + 1) + " " + violation.message())
                .toList();
    }

    /** What is stored now in a field into which something else was typed before that was known; null elsewhere. */
    public @Nullable String newer(String path) {
        String now = stored.getOrDefault(path, "");
        return stale && !now.equals(value(path)) ? now : null;
    }

    /** Whether the form comes back because something is wrong. */
    public boolean isFaulty() {
        return stale || refusal != null || !violations.isEmpty();
    }

    private static boolean isWithin(String field, String path) {
        return field.equals(path)
                || (field.startsWith(path)
                        && (field.charAt(path.length()) == '.' || field.charAt(path.length()) == '['));
    }
}

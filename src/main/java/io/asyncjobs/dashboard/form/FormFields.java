package io.asyncjobs.dashboard.form;

import io.asyncjobs.platform.problem.Violation;
import io.asyncjobs.platform.shape.FieldShape;
import io.asyncjobs.platform.shape.RecordShape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a form shows: in each field what was typed, or what is stored; beside it what is wrong with that.
 *
 * @param id stands before the ids of its fields
 * @param values by the fields' paths; never one of a secret
 * @param stored what is stored now
 * @param before what the form was made from, for a form that sends it along
 * @param etag the state that the form is made from
 * @param standing why it does not show what is stored
 * @param reasonRequired whether nothing is done without a reason
 */
public record FormFields(
        String id,
        RecordShape shape,
        Map<String, String> values,
        Map<String, String> stored,
        Map<String, String> before,
        String etag,
        Standing standing,
        boolean reasonRequired) {

    /**
     * What became of a form that was sent.
     *
     * @param violations what is wrong with its fields
     * @param refusal why nothing was done, where no field is at fault
     * @param stale whether the state that it was made from was no longer there
     * @param kept whether it was kept while its reader signed in again
     * @param conflicts the fields that two people changed, by their paths
     * @param taken the fields in which somebody else's change was taken over
     */
    public record Standing(
            List<Violation> violations,
            @Nullable String refusal,
            boolean stale,
            boolean kept,
            Map<String, Conflict> conflicts,
            List<String> taken) {

        static final Standing AS_STORED = new Standing(List.of(), null, false, false, Map.of(), List.of());

        public Standing {
            violations = List.copyOf(violations);
            // In the form's order
            conflicts = new LinkedHashMap<>(conflicts);
            taken = List.copyOf(taken);
        }
    }

    public FormFields {
        values = Map.copyOf(values);
        stored = Map.copyOf(stored);
        before = Map.copyOf(before);
    }

    /** The same with another value, stored and shown. */
    public FormFields with(String path, String value) {
        Map<String, String> shown = new HashMap<>(values);
        shown.put(path, value);
        return new FormFields(id, shape, shown, shown, before, etag, standing, reasonRequired);
    }

    /** The same, made from that state. */
    public FormFields tagged(String version) {
        return new FormFields(id, shape, values, stored, before, version, standing, reasonRequired);
    }

    /** The same, and what is stored in those fields is sent along. */
    public FormFields sending(List<String> paths) {
        Map<String, String> sent = new HashMap<>();
        paths.forEach(path -> sent.put(path, storedValue(path)));
        return new FormFields(id, shape, values, stored, sent, etag, standing, reasonRequired);
    }

    /** What a field shows; one of a secret stays empty. */
    public String value(String path) {
        return shape.leaf(path).secret() ? "" : values.getOrDefault(path, "");
    }

    /** What is stored in a field. */
    public String storedValue(String path) {
        return stored.getOrDefault(path, "");
    }

    /** Whether a box is ticked. */
    public boolean ticked(String path) {
        return value(path).equals("true");
    }

    /** What the draft's rules say of a field. */
    public FieldShape rules(String path) {
        return shape.leaf(path);
    }

    /** The fields' identifier in the page. */
    public String idOf(String path) {
        return id + "-" + path;
    }

    public List<Violation> violations() {
        return standing.violations();
    }

    public @Nullable String refusal() {
        return standing.refusal();
    }

    public boolean stale() {
        return standing.stale();
    }

    /** Whether it was kept while its reader signed in again. */
    public boolean kept() {
        return standing.kept();
    }

    /** What is wrong with a field or with something inside it. */
    public List<String> faults(String path) {
        return violations().stream()
                .filter(violation -> isWithin(violation.field(), path))
                .map(violation -> violation.field().equals(path)
                        ? violation.message()
                        : violation.field().substring(path.length() + 1) + " " + violation.message())
                .toList();
    }

    /** A field that two people changed; null for any other. */
    public @Nullable Conflict conflict(String path) {
        return standing.conflicts().get(path);
    }

    /** The fields that two people changed. */
    public List<Conflict> conflicts() {
        return new ArrayList<>(standing.conflicts().values());
    }

    /** The paths of those fields, as the form sends them. */
    public String conflictPaths() {
        return String.join(",", standing.conflicts().keySet());
    }

    /** The fields in which somebody else's change was taken over. */
    public List<String> taken() {
        return standing.taken();
    }

    /** Whether somebody typed what is not saved yet. */
    public boolean isUnsaved() {
        return isFaulty() || kept() || !values.equals(stored);
    }

    /** Whether the form comes back because something is wrong. */
    public boolean isFaulty() {
        return stale() || refusal() != null || !violations().isEmpty();
    }

    /** Whether it has a field that never comes back. */
    public boolean hasSecret() {
        return shape.leaves().values().stream().anyMatch(FieldShape::secret);
    }

    private static boolean isWithin(String field, String path) {
        return field.equals(path)
                || (field.startsWith(path)
                        && (field.charAt(path.length()) == '.' || field.charAt(path.length()) == '['));
    }
}

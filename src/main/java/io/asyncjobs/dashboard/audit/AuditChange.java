package io.asyncjobs.dashboard.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.dashboard.shell.DiffLine;
import io.asyncjobs.dashboard.shell.Excerpt;
import io.asyncjobs.platform.json.StoredJson;
import io.asyncjobs.platform.text.UnifiedDiff;
import io.quarkus.qute.TemplateExtension;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One field of an event, with its old and its new value; nested fields go by dotted paths.
 *
 * @param before null where there was nothing
 * @param after null where nothing is left
 */
public record AuditChange(
        String field, @Nullable String before, @Nullable String after) {

    private static final int LONG = 120;
    /** The export holds all of it. */
    private static final int MOST = 20_000;

    private static final int MOST_NESTING = 8;

    /** The fields of an event, from the JSON objects that it holds. */
    public static List<AuditChange> of(ObjectMapper json, @Nullable String before, @Nullable String after) {
        List<AuditChange> changes = new ArrayList<>();
        try {
            collect(tree(json, before), tree(json, after), "", changes);
        } catch (JsonProcessingException e) {
            // Of a trail that was tampered with; what stands there is shown as it is
            return List.of(new AuditChange("", cut(before), cut(after)));
        }
        return changes;
    }

    /** Whether one of the values is too long to stand in a line. */
    public boolean isLong() {
        return isLong(before) || isLong(after);
    }

    /** The lines that differ, for texts of several lines on both sides; else none. */
    public List<DiffLine> lines() {
        return before == null || after == null || !isLong() || !(before + after).contains("\n")
                ? List.of()
                : DiffLine.of(UnifiedDiff.of("", before, "", after), Integer.MAX_VALUE);
    }

    /** A value's beginning. */
    @TemplateExtension
    static String head(String value) {
        String line = value.lines().findFirst().orElse("");
        return line.length() <= LONG ? line : line.substring(0, Excerpt.end(line, LONG)) + "…";
    }

    private static void collect(JsonNode before, JsonNode after, String path, List<AuditChange> changes) {
        boolean nested = (before.isObject() || before.isMissingNode() || before.isNull())
                && (after.isObject() || after.isMissingNode() || after.isNull())
                && (before.isObject() || after.isObject())
                && path.chars().filter(c -> c == '.').count() < MOST_NESTING;
        if (nested && !(before.isEmpty() && after.isEmpty())) {
            Set<String> names = new LinkedHashSet<>();
            before.fieldNames().forEachRemaining(names::add);
            after.fieldNames().forEachRemaining(names::add);
            for (String name : names) {
                collect(before.path(name), after.path(name), path.isEmpty() ? name : path + "." + name, changes);
            }
        } else if (!path.isEmpty()) {
            String old = text(before);
            String fresh = text(after);
            if (!Objects.equals(old, fresh)) {
                changes.add(new AuditChange(path, old, fresh));
            }
        }
    }

    private static JsonNode tree(ObjectMapper json, @Nullable String text) throws JsonProcessingException {
        JsonNode written = text == null ? MissingNode.getInstance() : StoredJson.tree(text);
        JsonNode tree = written == null ? json.readTree(text) : written;
        return tree instanceof ObjectNode || tree.isMissingNode()
                ? tree
                : json.createObjectNode().set("value", tree);
    }

    private static @Nullable String text(JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        return cut(value.isTextual() ? value.textValue() : value.toString());
    }

    private static @Nullable String cut(@Nullable String text) {
        return text == null ? null : Excerpt.of(text, MOST);
    }

    private static boolean isLong(@Nullable String value) {
        return value != null && (value.length() > LONG || value.contains("\n"));
    }
}

package io.asyncjobs.dashboard.provisioning;

import io.asyncjobs.dashboard.shell.PrettyJson;
import io.asyncjobs.provisioning.PlanView;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An entry of a plan.
 *
 * @param kind account, connection or job
 * @param action what becomes of it
 */
public record PlannedRow(String kind, String name, String action, List<Field> fields) {

    /**
     * A field that changes.
     *
     * @param from empty for none
     * @param to empty for none
     * @param lines of the difference of a script; else none
     */
    public record Field(String path, String from, String to, List<Line> lines) {

        /** @param kind added, removed or context */
        public record Line(String kind, String text) {}
    }

    public PlannedRow {
        fields = List.copyOf(fields);
    }

    static PlannedRow of(PlanView.ChangeView change) {
        return new PlannedRow(
                change.kind().toString(),
                change.name(),
                change.action().toString(),
                change.fields().stream().map(PlannedRow::field).toList());
    }

    private static Field field(PlanView.FieldView field) {
        return new Field(
                field.path().equals("script") ? "script (MD5)" : field.path(),
                PrettyJson.brief(field.from()),
                PrettyJson.brief(field.to()),
                lines(field.diff()));
    }

    private static List<Field.Line> lines(@Nullable String diff) {
        if (diff == null) {
            return List.of();
        }
        // Not lines(): a carriage return ends no line of a difference
        return List.of(diff.split("\n")).stream()
                .skip(2)
                .map(line -> new Field.Line(
                        line.startsWith("+") ? "added" : line.startsWith("-") ? "removed" : "context", line))
                .toList();
    }
}

package io.asyncjobs.dashboard.provisioning;

import io.asyncjobs.dashboard.shell.DiffLine;
import io.asyncjobs.dashboard.shell.Excerpt;
import io.asyncjobs.dashboard.shell.PrettyJson;
import io.asyncjobs.provisioning.PlanView;
import java.util.List;

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
    public record Field(String path, String from, String to, List<DiffLine> lines) {

        public Field {
            lines = List.copyOf(lines);
        }
    }

    public PlannedRow {
        fields = List.copyOf(fields);
    }

    /** @param most so many characters of each value and of each difference */
    static PlannedRow of(PlanView.ChangeView change, int most) {
        return new PlannedRow(
                change.kind().toString(),
                change.name(),
                change.action().toString(),
                change.fields().stream().map(field -> field(field, most)).toList());
    }

    private static Field field(PlanView.FieldView field, int most) {
        return new Field(
                field.path().equals("script") ? "script (MD5)" : field.path(),
                Excerpt.of(PrettyJson.brief(field.from()), most),
                Excerpt.of(PrettyJson.brief(field.to()), most),
                field.diff() == null ? List.of() : DiffLine.of(field.diff(), most));
    }

    /** How many characters of a page it takes. */
    int size() {
        int size = 0;
        for (Field field : fields) {
            size += field.from().length() + field.to().length();
            for (DiffLine line : field.lines()) {
                size += line.text().length();
            }
        }
        return size;
    }
}

package io.asyncjobs.dashboard.provisioning;

import io.asyncjobs.dashboard.shell.PrettyJson;
import io.asyncjobs.platform.text.SideBySide;
import io.asyncjobs.provisioning.ComparisonView;
import io.asyncjobs.provisioning.DetailedComparison;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A comparison as its page shows it.
 *
 * @param more how many jobs differ beside those that are shown
 */
public record ComparedPage(ComparisonView comparison, List<Row> rows, int more) {

    /** Longer scripts would make the page larger than a browser likes. */
    private static final int MOST_CHARS_SHOWN = 100_000;

    private static final int MOST_SCRIPTS_SHOWN = 20;

    /**
     * A job that is not the same.
     *
     * @param status how, in words
     * @param unknown fields that differ, of which the values are not known here
     * @param script its script here and there; none where it is the same, not known, or too long
     * @param unseen what cannot be seen and alone differs; none where something else differs
     * @param scriptTooLong whether the script differs and is left out
     */
    public record Row(
            String name,
            String status,
            List<Field> fields,
            List<String> unknown,
            List<SideBySide.Row> script,
            List<String> unseen,
            boolean scriptTooLong) {

        public Row {
            fields = List.copyOf(fields);
            unknown = List.copyOf(unknown);
            script = List.copyOf(script);
            unseen = List.copyOf(unseen);
        }
    }

    /** A field that differs; empty where it has no value. */
    public record Field(String path, String here, String there) {}

    public ComparedPage {
        rows = List.copyOf(rows);
    }

    static ComparedPage of(DetailedComparison compared) {
        List<Row> rows = new ArrayList<>();
        int scripts = 0;
        for (DetailedComparison.Job job : compared.jobs()) {
            DetailedComparison.Scripts differing = job.scripts();
            boolean shown = differing != null && scripts < MOST_SCRIPTS_SHOWN && differing.length() <= MOST_CHARS_SHOWN;
            scripts += shown ? 1 : 0;
            rows.add(row(job, shown ? differing : null, differing != null && !shown));
        }
        return new ComparedPage(
                compared.comparison(),
                rows,
                compared.comparison().jobs().size() - compared.jobs().size());
    }

    private static Row row(DetailedComparison.Job job, DetailedComparison.@Nullable Scripts shown, boolean tooLong) {
        ComparisonView.JobComparisonView view = job.compared();
        List<String> known =
                job.fields().stream().map(DetailedComparison.Field::path).toList();
        return new Row(
                view.name(),
                switch (view.status()) {
                    case DIFFERS -> "differs";
                    case MISSING -> "is only there";
                    case EXTRA -> "is only here";
                },
                job.fields().stream()
                        .map(field -> new Field(
                                field.path(), PrettyJson.brief(field.here()), PrettyJson.brief(field.there())))
                        .toList(),
                view.fields().stream()
                        .filter(path -> !known.contains(path) && !(path.equals("script") && (shown != null || tooLong)))
                        .toList(),
                shown == null ? List.of() : SideBySide.of(shown.here(), shown.there()),
                view.invisible() == null
                        ? List.of()
                        : view.invisible().kinds().stream()
                                .map(kind -> kind.replace('_', ' '))
                                .toList(),
                tooLong);
    }
}

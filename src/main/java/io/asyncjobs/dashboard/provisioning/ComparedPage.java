package io.asyncjobs.dashboard.provisioning;

import com.fasterxml.jackson.databind.JsonNode;
import io.asyncjobs.dashboard.shell.Excerpt;
import io.asyncjobs.dashboard.shell.PrettyJson;
import io.asyncjobs.platform.text.SideBySide;
import io.asyncjobs.provisioning.ComparisonView;
import io.asyncjobs.provisioning.DetailedComparison;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A comparison as its page shows it.
 *
 * @param more how many jobs differ beside those that are shown
 */
public record ComparedPage(ComparisonView comparison, List<Row> rows, int more) {

    private static final int MOST_OF_VALUE = 2_000;

    /**
     * A job that is not the same.
     *
     * @param status how, in words
     * @param unknown fields that differ, of which the values are not known here
     * @param script its script here and there; none where it is the same, not known, or too long
     * @param unseen what cannot be seen and alone differs; none where something else differs
     * @param scriptLeftOut whether the scripts differ and are too many or too long to be shown
     */
    public record Row(
            String name,
            String status,
            List<Field> fields,
            List<String> unknown,
            List<SideBySide.Row> script,
            List<String> unseen,
            boolean scriptLeftOut) {

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
        return new ComparedPage(
                compared.comparison(),
                compared.jobs().stream().map(ComparedPage::row).toList(),
                compared.comparison().jobs().size() - compared.jobs().size());
    }

    private static Row row(DetailedComparison.Job job) {
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
                        .map(field -> new Field(field.path(), excerpt(field.here()), excerpt(field.there())))
                        .toList(),
                view.fields().stream()
                        .filter(path -> !known.contains(path)
                                && !(path.equals("script") && (job.scripts() != null || job.scriptsLeftOut())))
                        .toList(),
                job.scripts() == null
                        ? List.of()
                        : SideBySide.of(job.scripts().here(), job.scripts().there()),
                view.invisible() == null
                        ? List.of()
                        : view.invisible().kinds().stream()
                                .map(kind -> kind.replace('_', ' '))
                                .toList(),
                job.scriptsLeftOut());
    }

    private static String excerpt(@Nullable JsonNode value) {
        return Excerpt.of(PrettyJson.brief(value), MOST_OF_VALUE);
    }
}

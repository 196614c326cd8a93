package io.asyncjobs.dashboard.runs;

import io.asyncjobs.dashboard.shell.Formats;
import io.asyncjobs.dashboard.shell.PrettyJson;
import io.asyncjobs.job.JobOperations;
import io.asyncjobs.job.RevisionView;
import io.asyncjobs.platform.problem.UnknownException;
import io.asyncjobs.platform.text.SideBySide;
import io.asyncjobs.run.history.RunView;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Two runs of a job side by side: with what they ran, and what came of it.
 *
 * @param before the earlier one, as a rule the last success
 */
public record RunComparison(RunRow before, RunRow after, List<Field> fields, List<Text> texts) {

    /** A fact of both runs; empty where there is none. */
    public record Field(String name, String before, String after) {

        public boolean isSame() {
            return before.equals(after);
        }
    }

    /** A text of several lines that differs. */
    public record Text(String name, List<SideBySide.Row> rows) {}

    public RunComparison {
        fields = List.copyOf(fields);
        texts = List.copyOf(texts);
    }

    static RunComparison of(RunView before, RunView after, JobOperations jobs, PrettyJson json) {
        List<Field> fields = new ArrayList<>();
        add(fields, "Outcome", Formats.outcomeWords(before.outcome()), Formats.outcomeWords(after.outcome()));
        add(fields, "Revision", before.revision(), after.revision());
        add(fields, "Script MD5", before.scriptMd5(), after.scriptMd5());
        add(fields, "Parameters of its own", yes(before), yes(after));
        add(fields, "User", before.user(), after.user());
        add(fields, "Trigger", before.trigger(), after.trigger());
        add(fields, "Node", before.node(), after.node());
        List<Text> texts = new ArrayList<>();
        if (!Objects.equals(before.scriptMd5(), after.scriptMd5())) {
            add(texts, "Script", script(before, jobs), script(after, jobs));
        }
        add(texts, "Parameters", pretty(before.parameters(), json), pretty(after.parameters(), json));
        add(texts, "Result", pretty(before.result(), json), pretty(after.result(), json));
        return new RunComparison(RunRow.of(before, json), RunRow.of(after, json), fields, texts);
    }

    private static String yes(RunView run) {
        return run.parametersOverridden() ? "yes" : "no";
    }

    private static String script(RunView run, JobOperations jobs) {
        try {
            RevisionView revision = jobs.revision(run.jobId().toString(), run.revision());
            return Optional.ofNullable(revision.script()).orElse("");
        } catch (UnknownException e) {
            return "";
        }
    }

    private static String pretty(@Nullable String value, PrettyJson json) {
        return value == null ? "" : json.of(json.read(value));
    }

    private static void add(List<Field> fields, String name, @Nullable Object before, @Nullable Object after) {
        fields.add(new Field(name, Objects.toString(before, ""), Objects.toString(after, "")));
    }

    private static void add(List<Text> texts, String name, String before, String after) {
        List<SideBySide.Row> rows = SideBySide.of(before, after);
        if (!rows.isEmpty()) {
            texts.add(new Text(name, rows));
        }
    }
}

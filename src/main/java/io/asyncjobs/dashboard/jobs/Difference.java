package io.asyncjobs.dashboard.jobs;

import io.asyncjobs.dashboard.shell.PrettyJson;
import io.asyncjobs.job.RevisionView;
import io.asyncjobs.platform.text.SideBySide;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Two revisions of a job compared: fields one by one, texts line by line. */
public record Difference(RevisionView from, RevisionView to, List<Field> fields, List<Text> texts) {

    /** A field that differs; empty where it had no value. */
    public record Field(String name, String before, String after) {}

    /** A text of several lines that differs. */
    public record Text(String name, List<SideBySide.Row> rows) {}

    public Difference {
        fields = List.copyOf(fields);
        texts = List.copyOf(texts);
    }

    static Difference of(RevisionView from, RevisionView to, PrettyJson json) {
        List<Field> fields = new ArrayList<>();
        add(fields, "Name", from.name(), to.name());
        add(fields, "Description", from.description(), to.description());
        add(fields, "Archived", from.archived(), to.archived());
        add(fields, "Associated user", from.associatedUser(), to.associatedUser());
        add(fields, "Poll interval (s)", from.pollIntervalSeconds(), to.pollIntervalSeconds());
        add(fields, "Timeout (s)", from.timeoutSeconds(), to.timeoutSeconds());
        add(fields, "Log (bytes)", from.limits().logBytes(), to.limits().logBytes());
        add(fields, "Result (bytes)", from.limits().resultBytes(), to.limits().resultBytes());
        add(
                fields,
                "State (characters)",
                from.limits().stateChars(),
                to.limits().stateChars());
        add(fields, "Host calls", from.limits().hostCalls(), to.limits().hostCalls());
        add(fields, "Script MD5", from.scriptMd5(), to.scriptMd5());
        return new Difference(
                from,
                to,
                fields,
                Stream.of(
                                new Text("Script", SideBySide.of(script(from), script(to))),
                                new Text(
                                        "Parameters",
                                        SideBySide.of(json.of(from.parameters()), json.of(to.parameters()))),
                                new Text(
                                        "Schema of the parameters",
                                        SideBySide.of(
                                                json.of(from.parametersSchema()), json.of(to.parametersSchema()))))
                        .filter(text -> !text.rows().isEmpty())
                        .toList());
    }

    /** Whether both are alike. */
    public boolean isEmpty() {
        return fields.isEmpty() && texts.isEmpty();
    }

    private static void add(List<Field> fields, String name, @Nullable Object before, @Nullable Object after) {
        if (!Objects.equals(before, after)) {
            fields.add(new Field(name, Objects.toString(before, ""), Objects.toString(after, "")));
        }
    }

    private static String script(RevisionView revision) {
        return revision.script() == null ? "" : revision.script();
    }
}

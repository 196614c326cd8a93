package io.asyncjobs.dashboard.jobs;

import io.asyncjobs.dashboard.form.FormFields;
import io.asyncjobs.dashboard.form.TypedForm;
import io.asyncjobs.dashboard.jobs.Difference.Field;
import io.asyncjobs.dashboard.jobs.Difference.Text;
import io.asyncjobs.dashboard.shell.PrettyJson;
import io.asyncjobs.dashboard.shell.Wording;
import io.asyncjobs.platform.text.SideBySide;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What somebody typed beside what is saved: fields one by one, texts line by line. */
public record JobDifference(List<Field> fields, List<Text> texts) {

    private static final List<String> FIELDS = List.of(
            "name",
            "description",
            "associatedUser",
            "pollIntervalSeconds",
            "timeoutSeconds",
            "limits.logBytes",
            "limits.resultBytes",
            "limits.stateChars",
            "limits.hostCalls");

    public JobDifference {
        fields = List.copyOf(fields);
        texts = List.copyOf(texts);
    }

    static JobDifference of(FormFields saved, TypedForm typed, PrettyJson json) {
        List<Field> fields = new ArrayList<>();
        for (String path : FIELDS) {
            String before = saved.storedValue(path);
            String after = path.equals("description")
                    ? typed.value(path)
                    : typed.value(path).strip();
            if (!before.equals(after)) {
                fields.add(new Field(Wording.fieldWords(path), before, after));
            }
        }
        Map<String, List<SideBySide.Row>> compared = new LinkedHashMap<>();
        compared.put("Script", SideBySide.of(saved.storedValue("script"), typed.value("script")));
        for (String path : List.of("parameters", "parametersSchema")) {
            compared.put(
                    Wording.fieldWords(path),
                    SideBySide.of(json.indented(saved.storedValue(path)), json.indented(typed.value(path))));
        }
        List<Text> texts = new ArrayList<>();
        compared.forEach((name, rows) -> {
            if (!rows.isEmpty()) {
                texts.add(new Text(name, rows));
            }
        });
        return new JobDifference(fields, texts);
    }

    /** Whether nothing differs. */
    public boolean isEmpty() {
        return fields.isEmpty() && texts.isEmpty();
    }
}

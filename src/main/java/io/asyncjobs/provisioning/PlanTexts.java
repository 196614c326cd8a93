package io.asyncjobs.provisioning;

import com.fasterxml.jackson.databind.JsonNode;
import io.asyncjobs.platform.text.UnseenCharacters;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Plans for people: as plain text for a terminal, as Markdown for a comment on a merge request. */
final class PlanTexts {

    private static final int MAX_VALUE = 200;
    private static final Map<PlanView.Action, String> MARKS = Map.of(
            PlanView.Action.CREATE, "+",
            PlanView.Action.UPDATE, "~",
            PlanView.Action.ARCHIVE, "-",
            PlanView.Action.UNARCHIVE, "+");

    private PlanTexts() {}

    /** For a terminal. */
    static String text(PlanView plan) {
        StringBuilder text = new StringBuilder();
        for (PlanView.ChangeView change : pending(plan)) {
            text.append("%s %s %s: %s\n"
                    .formatted(MARKS.get(change.action()), change.kind(), change.name(), change.action()));
            for (PlanView.FieldView field : change.fields()) {
                text.append("    ")
                        .append(field.path())
                        .append(": ")
                        .append(values(field))
                        .append('\n');
                if (field.diff() != null) {
                    // A carriage return is part of its line, and is named
                    for (String line : withoutLastEnd(field.diff()).split("\n", -1)) {
                        text.append("      ")
                                .append(UnseenCharacters.named(line))
                                .append('\n');
                    }
                }
            }
        }
        return text.append(summary(plan))
                .append('\n')
                .append("plan ")
                .append(plan.hash())
                .append('\n')
                .toString();
    }

    /** For a comment. */
    static String markdown(PlanView plan) {
        StringBuilder text =
                new StringBuilder("### Plan for `%s`: %s\n\n".formatted(plan.environment(), summary(plan)));
        for (PlanView.ChangeView change : pending(plan)) {
            text.append("#### %s %s %s\n\n".formatted(change.action(), change.kind(), code(change.name())));
            text.append("| field | now | then |\n|---|---|---|\n");
            for (PlanView.FieldView field : change.fields()) {
                text.append("| %s | %s | %s |\n".formatted(code(field.path()), cell(field.from()), cell(field.to())));
            }
            text.append('\n');
            for (PlanView.FieldView field : change.fields()) {
                if (field.diff() != null) {
                    text.append(block(field.diff()));
                }
            }
        }
        return text.append("Plan `").append(plan.hash()).append("`\n").toString();
    }

    private static String withoutLastEnd(String diff) {
        return diff.endsWith("\n") ? diff.substring(0, diff.length() - 1) : diff;
    }

    private static List<PlanView.ChangeView> pending(PlanView plan) {
        return plan.changes().stream()
                .filter(change -> change.action() != PlanView.Action.NONE)
                .toList();
    }

    private static String summary(PlanView plan) {
        if (plan.pending() == 0) {
            return "nothing to do";
        }
        Map<PlanView.Action, Long> counts = pending(plan).stream()
                .collect(Collectors.groupingBy(PlanView.ChangeView::action, TreeMap::new, Collectors.counting()));
        return counts.entrySet().stream()
                .map(count -> count.getValue() + " to " + count.getKey())
                .collect(Collectors.joining(", "));
    }

    private static String values(PlanView.FieldView field) {
        return field.from() == null ? shown(field.to()) : shown(field.from()) + " -> " + shown(field.to());
    }

    private static String shown(@Nullable JsonNode value) {
        if (value == null || value.isNull()) {
            return "none";
        }
        String text = UnseenCharacters.named(value.toString());
        return text.length() <= MAX_VALUE ? text : text.substring(0, MAX_VALUE) + "…";
    }

    private static String cell(@Nullable JsonNode value) {
        return code(shown(value));
    }

    /** A text in a table, whatever marks it holds. */
    static String code(String text) {
        String line = text.replace('\n', ' ').replace("|", "\\|");
        return line.indexOf('`') < 0 ? "`" + line + "`" : "`` " + line.replace("``", "` `") + " ``";
    }

    /** A fence that is longer than each one in the text. */
    private static String block(String diff) {
        String fence = "```";
        while (diff.contains(fence)) {
            fence += "`";
        }
        return fence + "diff\n" + UnseenCharacters.named(diff) + fence + "\n\n";
    }
}

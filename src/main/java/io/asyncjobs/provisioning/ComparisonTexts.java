package io.asyncjobs.provisioning;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.Collectors;

/** Comparisons for people, from the JSON of a {@link ComparisonView}: as plain text, and as Markdown for a comment. */
final class ComparisonTexts {

    private ComparisonTexts() {}

    /** For a terminal. */
    static String text(JsonNode comparison) {
        if (comparison.path("equal").asBoolean()) {
            return "equal: " + comparison.path("here").asText();
        }
        StringBuilder text = new StringBuilder("different: here %s, there %s"
                .formatted(
                        comparison.path("here").asText(),
                        comparison.path("there").asText()));
        for (JsonNode job : comparison.path("jobs")) {
            text.append("\n%s %s"
                    .formatted(job.path("status").asText(), job.path("name").asText()));
            job.path("fields").forEach(field -> text.append(' ').append(field.asText()));
            if (job.path("invisible").isObject()) {
                text.append("\n    only what cannot be seen: ").append(kinds(job));
                text.append(places(job, "\n    "));
            }
        }
        return text.toString();
    }

    /** For a comment. */
    static String markdown(JsonNode comparison) {
        String here = comparison.path("here").asText();
        if (comparison.path("equal").asBoolean()) {
            return "### The environments are equal\n\nFingerprint `%s`".formatted(here);
        }
        StringBuilder text = new StringBuilder("### The environments differ\n\nFingerprint here `%s`, there `%s`\n\n"
                .formatted(here, comparison.path("there").asText()));
        text.append("| job | status | fields | only what cannot be seen |\n|---|---|---|---|");
        for (JsonNode job : comparison.path("jobs")) {
            text.append("\n| %s | %s | %s | %s |"
                    .formatted(
                            PlanTexts.code(job.path("name").asText()),
                            job.path("status").asText(),
                            words(job.path("fields"), ", "),
                            kinds(job)));
        }
        for (JsonNode job : comparison.path("jobs")) {
            if (job.path("invisible").isObject()) {
                text.append("\n\n#### %s\n"
                        .formatted(PlanTexts.code(job.path("name").asText())));
                // Four blanks make it a block of code, whatever it contains
                text.append(places(job, "\n    "));
            }
        }
        return text.toString();
    }

    private static String kinds(JsonNode job) {
        return words(job.path("invisible").path("kinds"), " ");
    }

    private static String words(JsonNode texts, String between) {
        return texts.valueStream().map(JsonNode::asText).collect(Collectors.joining(between));
    }

    /** Each line begins with {@code indent}. */
    private static String places(JsonNode job, String indent) {
        StringBuilder lines = new StringBuilder();
        for (JsonNode place : job.path("invisible").path("places")) {
            int line = place.path("line").asInt();
            lines.append(indent)
                    .append("line %d here:  %s"
                            .formatted(line, place.path("here").asText()));
            lines.append(indent)
                    .append("line %d there: %s"
                            .formatted(line, place.path("there").asText()));
        }
        return lines.toString();
    }
}

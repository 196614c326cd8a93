package io.asyncjobs.platform.problem;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * One thing that is wrong with one field of a request.
 *
 * @param field the path to it, as a person writes it: {@code pollIntervalSeconds}, {@code parameters.limits[2]}
 * @param message what must hold, without the field's name, readable after it: "must be a whole number …"
 * @param file the file with the field, where the request holds several; null otherwise
 * @param line of the field in its file, from 1; null where nobody looked it up
 * @param column likewise
 */
@Schema(description = "One thing that is wrong with one field of the request")
public record Violation(
        @Schema(description = "The field, as a path", examples = "pollIntervalSeconds", maxLength = 2000)
        String field,

        @Schema(
                description = "What must hold, readable after the field's name",
                examples = "must be a whole number from 1 to 300, was 301",
                maxLength = 4000)
        String message,

        @Schema(
                description = "The file with the field; only of a manifest in an archive",
                examples = "jobs.yaml",
                maxLength = 2000)
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        String file,

        @Schema(
                description = "Line of the field, from 1; only of a manifest",
                examples = "12",
                minimum = "1",
                maximum = "2147483647",
                format = "int32")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        Integer line,

        @Schema(
                description = "Column of the field, from 1; only of a manifest",
                examples = "5",
                minimum = "1",
                maximum = "2147483647",
                format = "int32")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        Integer column) {

    /** Of a request in which a field is found by its path alone. */
    public Violation(String field, String message) {
        this(field, message, null, null, null);
    }

    /** The field as a JSON pointer (RFC 6901) into the request's body. */
    @JsonProperty
    @Schema(
            description = "The field as a JSON pointer (RFC 6901)",
            examples = "/pollIntervalSeconds",
            maxLength = 2000,
            readOnly = true)
    public String pointer() {
        StringBuilder pointer = new StringBuilder(field.length() + 1);
        if (!field.isEmpty()) {
            pointer.append('/');
        }
        for (int i = 0; i < field.length(); i++) {
            char c = field.charAt(i);
            if (field.startsWith("[\"", i)) {
                pointer.append(i == 0 ? "" : "/");
                i = quoted(i + 2, pointer);
                continue;
            }
            switch (c) {
                case '.', '[' -> pointer.append(i == 0 ? "" : "/");
                case ']' -> {}
                default -> append(c, pointer);
            }
        }
        return pointer.toString();
    }

    /** A name in quotes, from its first character on; returns where its closing bracket is. */
    private int quoted(int from, StringBuilder pointer) {
        int i = from;
        for (; i < field.length() && field.charAt(i) != '"'; i++) {
            i += field.charAt(i) == '\\' && i + 1 < field.length() ? 1 : 0;
            append(field.charAt(i), pointer);
        }
        return i + 1;
    }

    private static void append(char c, StringBuilder pointer) {
        switch (c) {
            case '~' -> pointer.append("~0");
            case '/' -> pointer.append("~1");
            default -> pointer.append(c);
        }
    }
}

package io.asyncjobs.dashboard.shell;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.asyncjobs.platform.json.StoredJson;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/** Stored JSON for readers. */
@Singleton
public class PrettyJson {

    private final ObjectMapper json;

    PrettyJson(ObjectMapper json) {
        this.json = json;
    }

    public JsonNode read(String text) {
        try {
            return tree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Stored JSON cannot be read", e);
        }
    }

    /** Indented; empty for null. */
    public String of(@Nullable JsonNode value) {
        if (value == null) {
            return "";
        }
        try {
            return json.writer().with(SerializationFeature.INDENT_OUTPUT).writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A tree can be written", e);
        }
    }

    /** What somebody typed, indented if it is JSON. */
    public String indented(String typed) {
        try {
            return typed.isBlank() ? "" : of(tree(typed));
        } catch (JsonProcessingException e) {
            return typed;
        }
    }

    /** With the numbers as they are written. */
    private JsonNode tree(String text) throws JsonProcessingException {
        JsonNode tree = StoredJson.tree(text);
        // What scripts store may be deeper than what requests hold
        return tree == null ? json.readTree(text) : tree;
    }

    /** A text as it is, everything else as JSON on one line. */
    public static String brief(@Nullable JsonNode value) {
        if (value == null || value.isMissingNode() || value.isNull()) {
            return "";
        }
        return value.isTextual() ? value.asText() : value.toString();
    }
}

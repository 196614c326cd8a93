package io.asyncjobs.dashboard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/** Stored JSON for readers. */
@Singleton
class PrettyJson {

    private final ObjectMapper json;

    PrettyJson(ObjectMapper json) {
        this.json = json;
    }

    JsonNode read(String text) {
        try {
            return json.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Stored JSON cannot be read", e);
        }
    }

    /** Indented; empty for null. */
    String of(@Nullable JsonNode value) {
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
    String indented(String typed) {
        try {
            return typed.isBlank() ? "" : of(json.readTree(typed));
        } catch (JsonProcessingException e) {
            return typed;
        }
    }

    /** A text as it is, everything else as JSON on one line. */
    static String brief(@Nullable JsonNode value) {
        if (value == null || value.isMissingNode() || value.isNull()) {
            return "";
        }
        return value.isTextual() ? value.asText() : value.toString();
    }
}

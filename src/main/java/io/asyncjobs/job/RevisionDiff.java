package io.asyncjobs.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.platform.text.UnifiedDiff;
import jakarta.inject.Singleton;
import java.util.Objects;

/** Two revisions of a job compared line by line: the settings as JSON, then the script. */
@Singleton
class RevisionDiff {

    private static final String SETTINGS = "job.json";
    private static final String SCRIPT = "script.js";

    private final ObjectMapper json;

    RevisionDiff(ObjectMapper json) {
        this.json = json;
    }

    /** A unified diff that {@code patch} and {@code git apply} take; empty where both are alike. */
    String of(RevisionView from, RevisionView to) {
        return diff(SETTINGS, from, settings(from), to, settings(to))
                + diff(SCRIPT, from, script(from), to, script(to));
    }

    private static String diff(String file, RevisionView from, String before, RevisionView to, String after) {
        return UnifiedDiff.of(
                file + "\trevision " + from.revision(), before, file + "\trevision " + to.revision(), after);
    }

    private static String script(RevisionView revision) {
        return Objects.requireNonNullElse(revision.script(), "");
    }

    private String settings(RevisionView revision) {
        ObjectNode settings = json.createObjectNode()
                .put("name", revision.name())
                .put("description", revision.description())
                .put("archived", revision.archived())
                .put("associatedUser", revision.associatedUser())
                .put("pollIntervalSeconds", revision.pollIntervalSeconds())
                .put("timeoutSeconds", revision.timeoutSeconds());
        settings.set("limits", json.valueToTree(revision.limits()));
        settings.set("parameters", revision.parameters());
        settings.set("parametersSchema", revision.parametersSchema());
        if (!revision.damage().isEmpty()) {
            settings.set("damage", json.valueToTree(revision.damage()));
        }
        try {
            return json.writer()
                            .with(SerializationFeature.INDENT_OUTPUT)
                            .with(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                            .writeValueAsString(settings)
                    + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A tree can be written", e);
        }
    }
}

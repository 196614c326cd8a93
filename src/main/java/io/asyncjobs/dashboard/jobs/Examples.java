package io.asyncjobs.dashboard.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.platform.problem.UnknownException;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The examples that come with the service, to start a job from; they are the files below {@code examples}. */
@Singleton
public class Examples {

    /** One of them. */
    public record Example(String name, String description) {}

    private static final List<String> NAMES = List.of(
            "close-stale-queries",
            "nightly-digest",
            "odm-import",
            "order-cursor",
            "queue-depth-alert",
            "reconcile-subjects",
            "report-forward",
            "signed-webhook",
            "visit-sync");

    private final ObjectMapper json;

    Examples(ObjectMapper json) {
        this.json = json;
    }

    List<Example> all() {
        return NAMES.stream()
                .map(name -> new Example(name, job(name).path("description").asText()))
                .toList();
    }

    /** The job of that example as the API takes it; {@link UnknownException} when there is none. */
    ObjectNode draft(String name) {
        if (!NAMES.contains(name)) {
            throw new UnknownException("There is no example called '" + name + "'.");
        }
        ObjectNode draft = job(name).deepCopy();
        draft.put("script", text(name, draft.path("scriptFile").asText()));
        draft.remove("scriptFile");
        return draft;
    }

    private ObjectNode job(String name) {
        try {
            JsonNode job =
                    json.readTree(text(name, "manifest.json")).path("jobs").path(0);
            return (ObjectNode) job;
        } catch (IOException e) {
            throw new UncheckedIOException("The example " + name + " cannot be read", e);
        }
    }

    private static String text(String name, String file) {
        String path = "io/asyncjobs/examples/" + name + "/" + file;
        try (InputStream in = Thread.currentThread().getContextClassLoader().getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalStateException(path + " is missing from what was built");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

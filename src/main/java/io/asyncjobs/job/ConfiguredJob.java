package io.asyncjobs.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.platform.json.StoredJson;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a job is, or is to be: all that provisioning compares, and nothing that belongs to one environment.
 *
 * @param id null for a job that is wanted and may not exist
 * @param tag of its configuration; null for a job that is wanted
 * @param parameters as they are stored, which may be damaged; they are read one job at a time, since a tree takes many times
 *     as much memory
 */
public record ConfiguredJob(
        @Nullable UUID id,
        @Nullable String tag,
        String name,
        boolean archived,
        @Nullable String description,
        @Nullable String associatedUser,
        int pollIntervalSeconds,
        int timeoutSeconds,
        JobLimits limits,
        String scriptMd5,
        String scriptSha256,
        String parameters,
        @Nullable String parametersSchema) {

    static ConfiguredJob wanted(CheckedDraft wanted, boolean archived) {
        JobDraft draft = wanted.draft();
        return new ConfiguredJob(
                null,
                null,
                wanted.name().text(),
                archived,
                draft.description(),
                draft.associatedUser(),
                draft.pollIntervalSeconds(),
                draft.timeoutSeconds(),
                JobLimits.of(draft.limits()),
                wanted.script().md5(),
                wanted.script().sha256(),
                draft.parameters().toString(),
                draft.parametersSchema() == null
                        ? null
                        : draft.parametersSchema().toString());
    }

    /** Its fields by their names in the API, in a fixed order; the script by its SHA-256, free JSON as it is stored. */
    public Map<String, JsonNode> fields() {
        JsonNodeFactory json = JsonNodeFactory.instance;
        ObjectNode most = json.objectNode();
        most.put("logBytes", limits.logBytes())
                .put("resultBytes", limits.resultBytes())
                .put("stateChars", limits.stateChars())
                .put("hostCalls", limits.hostCalls());
        ObjectNode fields = json.objectNode();
        fields.put("name", name)
                .put("description", description)
                .put("archived", archived)
                .put("associatedUser", associatedUser)
                .put("pollIntervalSeconds", pollIntervalSeconds)
                .put("timeoutSeconds", timeoutSeconds);
        fields.set("limits", most);
        fields.set("parameters", StoredJson.asStored(parameters));
        fields.set("parametersSchema", StoredJson.asStored(parametersSchema));
        fields.put("script", scriptSha256);
        Map<String, JsonNode> byName = new LinkedHashMap<>();
        fields.properties().forEach(field -> byName.put(field.getKey(), field.getValue()));
        return byName;
    }
}

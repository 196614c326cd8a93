package io.asyncjobs.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.StringWriter;
import java.io.Writer;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An event as a line of an export: the fields of {@link AuditEventView} and behind them what verifying needs, which are id,
 * keyId, seal and previousHash. The values of before and after stand there character by character as they were sealed.
 */
final class ExportLine {

    private static final JsonFactory JSON = new JsonFactoryBuilder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNumberLength(100_000)
                    .build())
            .build();

    private static final Set<String> RAW = Set.of("before", "after");
    private static final Set<String> TEXTS = Set.of(
            "at",
            "actor",
            "onBehalfOf",
            "via",
            "entityType",
            "entityId",
            "entityName",
            "action",
            "reason",
            "jobId",
            "runId",
            "hash",
            "id",
            "keyId",
            "seal",
            "previousHash");

    private ExportLine() {}

    /** Without the line's end. */
    static String of(LinkedEvent linked) {
        StringWriter text = new StringWriter(1_000);
        try {
            write(linked, text);
        } catch (IOException e) {
            throw new IllegalStateException("A text can be written to", e);
        }
        return text.toString();
    }

    /** Without the line's end, piece by piece: values of megabytes are held once. */
    static void write(LinkedEvent linked, Writer out) throws IOException {
        AuditRecord event = linked.event();
        try (JsonGenerator json = JSON.createGenerator(out)
                .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
                .disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM)) {
            json.writeStartObject();
            json.writeNumberField("seq", linked.seq());
            json.writeStringField("at", event.at().toString());
            json.writeStringField("actor", event.actor());
            write(json, "onBehalfOf", event.onBehalfOf());
            json.writeStringField("via", event.via());
            json.writeStringField("entityType", event.entityType());
            json.writeStringField("entityId", event.entityId());
            write(json, "entityName", event.entityName());
            json.writeStringField("action", event.action());
            writeRaw(json, "before", event.before());
            writeRaw(json, "after", event.after());
            write(json, "reason", event.reason());
            write(json, "jobId", event.jobId());
            write(json, "runId", event.runId());
            json.writeStringField("hash", linked.hash());
            json.writeStringField("id", event.id().toString());
            json.writeStringField("keyId", event.keyId());
            json.writeStringField("seal", linked.seal());
            json.writeStringField("previousHash", linked.previousHash());
            json.writeEndObject();
        }
    }

    /** @throws IOException when the line is not one of an export; the message says why */
    static LinkedEvent parse(String line) throws IOException {
        Map<String, String> texts = new HashMap<>();
        Long seq = null;
        try (JsonParser json = JSON.createParser(line)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("it is no JSON object");
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String field = json.currentName();
                JsonToken value = json.nextToken();
                if (field.equals("seq")) {
                    seq = json.getLongValue();
                } else if (value == JsonToken.VALUE_NULL) {
                    require(RAW.contains(field) || TEXTS.contains(field), field);
                } else if (RAW.contains(field)) {
                    texts.put(field, raw(line, json, field));
                } else {
                    require(TEXTS.contains(field) && value == JsonToken.VALUE_STRING, field);
                    texts.put(field, json.getText());
                }
            }
            if (json.nextToken() != null) {
                throw new IOException("something follows the JSON object");
            }
        }
        try {
            return new LinkedEvent(
                    Objects.requireNonNull(seq, "seq"),
                    new AuditRecord(
                            UUID.fromString(needed(texts, "id")),
                            Instant.parse(needed(texts, "at")),
                            needed(texts, "actor"),
                            texts.get("onBehalfOf"),
                            needed(texts, "via"),
                            needed(texts, "entityType"),
                            needed(texts, "entityId"),
                            texts.get("entityName"),
                            needed(texts, "action"),
                            texts.get("before"),
                            texts.get("after"),
                            texts.get("reason"),
                            uuid(texts.get("jobId")),
                            uuid(texts.get("runId")),
                            needed(texts, "keyId")),
                    needed(texts, "seal"),
                    needed(texts, "previousHash"),
                    needed(texts, "hash"));
        } catch (RuntimeException e) {
            throw new IOException("a field is missing or is not what it should be: " + e.getMessage(), e);
        }
    }

    /** The value's own characters: written anew, a number might look different. */
    private static String raw(String line, JsonParser json, String field) throws IOException {
        require(json.currentToken() == JsonToken.START_OBJECT, field);
        int start = Math.toIntExact(json.currentTokenLocation().getCharOffset());
        json.skipChildren();
        int end = Math.toIntExact(json.currentLocation().getCharOffset());
        return line.substring(start, end);
    }

    private static void require(boolean condition, String field) throws IOException {
        if (!condition) {
            throw new IOException("the field " + field + " is not one of an event, or not of its kind");
        }
    }

    private static String needed(Map<String, String> texts, String field) {
        return Objects.requireNonNull(texts.get(field), field);
    }

    private static @Nullable UUID uuid(@Nullable String text) {
        return text == null ? null : UUID.fromString(text);
    }

    private static void write(JsonGenerator json, String field, @Nullable Object value) throws IOException {
        if (value == null) {
            json.writeNullField(field);
        } else {
            json.writeStringField(field, value.toString());
        }
    }

    private static void writeRaw(JsonGenerator json, String field, @Nullable String value) throws IOException {
        json.writeFieldName(field);
        if (value == null) {
            json.writeNull();
        } else {
            json.writeRawValue(value);
        }
    }
}

package io.asyncjobs.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.time.DateTimeException;
import java.time.Instant;

/**
 * A signed note of how far the trail had come: whatever was there then must be there for ever.
 *
 * @param count how many events
 * @param hash the last one's
 */
record Checkpoint(Instant at, long count, String hash, String keyId, String signature) {

    private static final JsonFactory JSON = new JsonFactory();

    static Checkpoint of(AuditSeals seals, Instant at, long count, String hash) {
        String keyId = seals.keys().primary().orElseThrow();
        return new Checkpoint(
                at, count, hash, keyId, seals.checkpoint(keyId, at, count, hash).orElseThrow());
    }

    boolean isSignedBy(AuditSeals seals) {
        return seals.checkpoint(keyId, at, count, hash)
                .filter(expected -> AuditSeals.same(expected, signature))
                .isPresent();
    }

    String json() {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("at", at.toString());
            json.writeNumberField("count", count);
            json.writeStringField("hash", hash);
            json.writeStringField("keyId", keyId);
            json.writeStringField("signature", signature);
            json.writeEndObject();
        } catch (IOException e) {
            throw new IllegalStateException("A text can be written to", e);
        }
        return text.toString();
    }

    /** @throws IOException when the line is no checkpoint */
    static Checkpoint parse(String line) throws IOException {
        String at = "";
        long count = -1;
        String hash = "";
        String keyId = "";
        String signature = "";
        try (JsonParser json = JSON.createParser(line)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("A checkpoint is a JSON object");
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String field = json.currentName();
                json.nextToken();
                switch (field) {
                    case "at" -> at = json.getText();
                    case "count" -> count = json.getLongValue();
                    case "hash" -> hash = json.getText();
                    case "keyId" -> keyId = json.getText();
                    case "signature" -> signature = json.getText();
                    default -> throw new IOException("A checkpoint has no field " + field);
                }
            }
        }
        try {
            return new Checkpoint(Instant.parse(at), count, hash, keyId, signature);
        } catch (DateTimeException e) {
            throw new IOException("A checkpoint says when it was made", e);
        }
    }
}

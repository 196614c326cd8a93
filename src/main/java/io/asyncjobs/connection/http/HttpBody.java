package io.asyncjobs.connection.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.connection.CallHeaders;
import io.asyncjobs.connection.LargeJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;

/**
 * The body of a call as a script gives it. Nothing in it is trusted.
 *
 * @param text the text itself; for {@link Kind#BYTES} the bytes in Base64; for {@link Kind#MULTIPART} a JSON array of parts
 *     {@code {name, filename?, type?, text | base64}}
 */
public record HttpBody(Kind kind, String text) {

    private static final ObjectMapper MAPPER = new ObjectMapper(LargeJson.FACTORY);

    /** What the text is. Each kind has the media type that is sent unless the script names another one. */
    public enum Kind {
        TEXT("text/plain;charset=UTF-8"),
        JSON("application/json"),
        BYTES("application/octet-stream"),
        FORM("application/x-www-form-urlencoded"),
        MULTIPART("multipart/form-data");

        private final String mediaType;

        Kind(String mediaType) {
            this.mediaType = mediaType;
        }

        /** The kind that has this name in a worker's call. */
        public static Kind of(String name) {
            return valueOf(name.toUpperCase(Locale.ROOT));
        }
    }

    /** A body as it is sent. */
    @SuppressWarnings("ArrayRecordComponent") // Sent once, compared never
    record Encoded(byte[] bytes, String mediaType) {

        /** The same bytes, packed. */
        byte[] gzipped() {
            ByteArrayOutputStream packed = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
                gzip.write(bytes);
            } catch (IOException e) {
                throw new UncheckedIOException("Nothing fails in memory", e);
            }
            return packed.toByteArray();
        }
    }

    /** @throws MalformedBodyException if a part cannot be sent */
    Encoded encoded() {
        return switch (kind) {
            case TEXT, JSON, FORM -> new Encoded(text.getBytes(StandardCharsets.UTF_8), kind.mediaType);
            case BYTES -> new Encoded(Base64.getDecoder().decode(text), kind.mediaType);
            case MULTIPART -> {
                String boundary = "asyncjobs-" + UUID.randomUUID();
                yield new Encoded(multipart(boundary), kind.mediaType + "; boundary=" + boundary);
            }
        };
    }

    /** A body that cannot be sent; the message says which part and why. */
    static final class MalformedBodyException extends RuntimeException {

        private static final long serialVersionUID = 1;

        MalformedBodyException(String message) {
            super(message);
        }
    }

    /** The parts as a JSON object by name: the text of each, or what its bytes are. For records of the call. */
    public String parts() {
        ObjectNode parts = JsonNodeFactory.instance.objectNode();
        for (JsonNode part : parsedParts()) {
            String name = part.path("name").asText();
            String shown = part.path("base64").isTextual()
                    ? file(part)
                    : part.path("text").asText();
            parts.put(parts.has(name) ? name + " (" + (parts.size() + 1) + ")" : name, shown);
        }
        return parts.toString();
    }

    private static String file(JsonNode part) {
        int bytes = Base64.getDecoder().decode(part.path("base64").asText()).length;
        String type = part.path("type").asText(Kind.BYTES.mediaType);
        return "%s, %s, %d bytes".formatted(part.path("filename").asText("without a file name"), type, bytes);
    }

    private JsonNode parsedParts() {
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The worker sent parts that are no JSON", e);
        }
    }

    /** As RFC 7578 says. */
    private byte[] multipart(String boundary) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        int number = 0;
        for (JsonNode part : parsedParts()) {
            number++;
            StringBuilder head = new StringBuilder("--" + boundary + "\r\nContent-Disposition: form-data; name=\"")
                    .append(quotable(part.path("name").asText()))
                    .append('"');
            if (part.path("filename").isTextual()) {
                head.append("; filename=\"")
                        .append(quotable(part.path("filename").asText()))
                        .append('"');
            }
            boolean bytes = part.path("base64").isTextual();
            String type = part.path("type").asText(bytes ? Kind.BYTES.mediaType : "");
            if (!CallHeaders.isValue(type)) {
                throw new MalformedBodyException("part " + number + ": the type must hold printable ASCII only");
            }
            head.append(type.isEmpty() ? "" : "\r\nContent-Type: " + type).append("\r\n\r\n");
            body.writeBytes(head.toString().getBytes(StandardCharsets.UTF_8));
            body.writeBytes(
                    bytes
                            ? Base64.getDecoder().decode(part.path("base64").asText())
                            : part.path("text").asText().getBytes(StandardCharsets.UTF_8));
            body.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        body.writeBytes(("--" + boundary + "--\r\n").getBytes(StandardCharsets.US_ASCII));
        return body.toByteArray();
    }

    /** As browsers escape what would end a name. */
    private static String quotable(String name) {
        return name.replace("\"", "%22").replace("\r", "%0D").replace("\n", "%0A");
    }
}

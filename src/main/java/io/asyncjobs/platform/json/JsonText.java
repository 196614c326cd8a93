package io.asyncjobs.platform.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.asyncjobs.platform.problem.MalformedException;
import io.asyncjobs.platform.problem.Violation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * JSON text to a tree, by RFC 8259 and no more: UTF-8 only, one value, no NaN, no comments, bounded depth. Keys given
 * twice do not fail here but are said with the other violations. Numbers keep the text they were written with.
 */
final class JsonText {

    static final int MAX_DEPTH = 100;
    private static final int MAX_NUMBER_LENGTH = 400;
    private static final int MAX_NAME_LENGTH = 2000;

    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(MAX_NUMBER_LENGTH)
                    .maxNameLength(MAX_NAME_LENGTH)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    /** Of its messages, what is about the parser and its settings and not about the text. */
    private static final Pattern OF_THE_PARSER = Pattern.compile(
            " \\(start marker at .*\\)$|:? enable `JsonReadFeature\\.\\w+` to allow.*$", Pattern.DOTALL);

    private static final PlaceListener NOBODY = (path, line, column) -> {};

    private final JsonParser parser;
    private final List<Violation> violations;
    private final PlaceListener places;

    private JsonText(JsonParser parser, List<Violation> violations, PlaceListener places) {
        this.parser = parser;
        this.violations = violations;
        this.places = places;
    }

    /** Reads one value; adds to {@code violations} what is well-formed but not allowed. */
    static JsonNode read(byte[] utf8, List<Violation> violations) {
        return read(decode(utf8), violations);
    }

    static JsonNode read(String text, List<Violation> violations) {
        return read(text, violations, NOBODY);
    }

    static JsonNode read(String text, List<Violation> violations, PlaceListener places) {
        try (JsonParser parser = FACTORY.createParser(text)) {
            return new JsonText(parser, violations, places).document();
        } catch (StreamConstraintsException e) {
            JsonLocation at = e.getLocation();
            throw new MalformedException(
                    "The JSON passes a limit: at most " + MAX_DEPTH + " levels deep, numbers at most "
                            + MAX_NUMBER_LENGTH + " and names at most " + MAX_NAME_LENGTH + " characters long.",
                    at == null ? null : new MalformedException.Location(at.getLineNr(), at.getColumnNr()));
        } catch (JsonProcessingException e) {
            throw malformed(withoutContent(e.getOriginalMessage()), e.getLocation());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String decode(byte[] utf8) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedException("The body is not valid UTF-8.", (MalformedException.Location) null);
        }
    }

    /** The parser quotes a word it does not know, which may be a secret whose quotes were forgotten. */
    private static String withoutContent(String message) {
        return message.startsWith("Unrecognized token")
                ? "a word that is neither in quotes nor true, false or null"
                : OF_THE_PARSER.matcher(message).replaceAll("");
    }

    private static MalformedException malformed(String message, @Nullable JsonLocation at) {
        return at == null
                ? new MalformedException("The body is not JSON: " + message)
                : new MalformedException(
                        "The body is not JSON: " + message + " (line " + at.getLineNr() + ", column " + at.getColumnNr()
                                + ").",
                        new MalformedException.Location(at.getLineNr(), at.getColumnNr()));
    }

    private JsonNode document() throws IOException {
        if (parser.nextToken() == null) {
            throw new MalformedException("The body is empty; a JSON object is needed.");
        }
        JsonNode value = value("");
        if (parser.nextToken() != null) {
            throw malformed("something follows the value", parser.currentTokenLocation());
        }
        return value;
    }

    private JsonNode value(String path) throws IOException {
        JsonToken token = parser.currentToken();
        if (places != NOBODY) {
            JsonLocation at = parser.currentTokenLocation();
            places.found(path, at.getLineNr(), at.getColumnNr());
        }
        return switch (token) {
            case START_OBJECT -> object(path);
            case START_ARRAY -> array(path);
            case VALUE_STRING -> TextNode.valueOf(parser.getText());
            case VALUE_NUMBER_INT -> integer();
            case VALUE_NUMBER_FLOAT -> decimal(path);
            case VALUE_TRUE -> BooleanNode.TRUE;
            case VALUE_FALSE -> BooleanNode.FALSE;
            case VALUE_NULL -> NullNode.getInstance();
            default -> throw malformed("unexpected " + token, parser.currentTokenLocation());
        };
    }

    private JsonNode integer() throws IOException {
        if (parser.getText().equals("-0")) {
            return new WrittenNumber("-0", BigDecimal.ZERO);
        }
        return switch (parser.getNumberType()) {
            case INT -> JsonNodeFactory.instance.numberNode(parser.getIntValue());
            case LONG -> JsonNodeFactory.instance.numberNode(parser.getLongValue());
            default -> JsonNodeFactory.instance.numberNode(parser.getBigIntegerValue());
        };
    }

    private JsonNode decimal(String path) throws IOException {
        BigDecimal value;
        try {
            value = new BigDecimal(parser.getText());
        } catch (NumberFormatException e) {
            // Grammatically a number, but its exponent does not even fit an int
            violations.add(new Violation(path, "must be a number that a computer can hold"));
            return NullNode.getInstance();
        }
        return new WrittenNumber(parser.getText(), value);
    }

    private ObjectNode object(String path) throws IOException {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            String fieldPath = Paths.field(path, name);
            parser.nextToken();
            JsonNode value = value(fieldPath);
            if (object.has(name)) {
                violations.add(new Violation(fieldPath, "is given more than once"));
            } else {
                object.set(name, value);
            }
        }
        return object;
    }

    private ArrayNode array(String path) throws IOException {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            array.add(value(Paths.element(path, array.size())));
        }
        return array;
    }
}

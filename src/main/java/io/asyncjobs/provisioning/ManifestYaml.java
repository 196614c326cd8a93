package io.asyncjobs.provisioning;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.asyncjobs.platform.json.Paths;
import io.asyncjobs.platform.problem.MalformedException;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * YAML 1.2 as JSON text, which is then read like any other body. A plain scalar is what the core schema says, so {@code no}
 * and {@code 2026-01-01} are texts; in a field of text it is the text as it is written. Numbers keep their digits.
 */
final class ManifestYaml {

    private static final int MAX_DEPTH = 100;

    /** Of what aliases stand for, all together, and of what anchors name: they can make a small file large. */
    private static final int MAX_ALIASED_CHARS = 1024 * 1024;

    private static final Pattern JSON_NUMBER = Pattern.compile("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][-+]?\\d+)?");
    private static final Pattern DECIMAL = Pattern.compile("([-+]?)(\\d*)(\\.\\d*)?([eE][-+]?\\d+)?");
    private static final Set<String> STANDARD_TAGS = Set.of(
            Tag.STR.getValue(),
            Tag.INT.getValue(),
            Tag.FLOAT.getValue(),
            Tag.BOOL.getValue(),
            Tag.NULL.getValue(),
            Tag.MAP.getValue(),
            Tag.SEQ.getValue());
    private static final ScalarResolver CORE = new CoreSchema().getScalarResolver();
    private static final JsonFactory JSON = new JsonFactory();

    private final Iterator<Event> events;
    private final Places places;
    private final StringWriter text = new StringWriter();
    private final JsonGenerator json;
    private final Map<String, String> anchors = new HashMap<>();
    private long aliasedChars;
    private long anchoredChars;

    private ManifestYaml(Iterator<Event> events, Places places) throws IOException {
        this.events = events;
        this.places = places;
        this.json = JSON.createGenerator(text);
    }

    /**
     * The one document of the text as JSON.
     *
     * @throws MalformedException for what is no YAML, or YAML that has no form in JSON
     */
    static String toJson(String yaml, Places places) {
        LoadSettings settings = LoadSettings.builder()
                .setSchema(new CoreSchema())
                .setCodePointLimit(Integer.MAX_VALUE)
                .build();
        try {
            return new ManifestYaml(new Parse(settings).parseString(yaml).iterator(), places).document();
        } catch (MarkedYamlEngineException e) {
            throw malformed(
                    e.getProblem() == null ? "it cannot be parsed" : e.getProblem(),
                    e.getProblemMark().or(e::getContextMark));
        } catch (YamlEngineException e) {
            throw malformed(String.valueOf(e.getMessage()), Optional.empty());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String document() throws IOException {
        boolean found = false;
        while (events.hasNext()) {
            Event event = events.next();
            switch (event.getEventId()) {
                case StreamStart, StreamEnd, DocumentEnd, Comment -> {}
                case DocumentStart -> {
                    if (found) {
                        throw malformed("it holds more than one document; a manifest is one", event.getStartMark());
                    }
                    found = true;
                }
                default -> node(event, "", 0);
            }
        }
        if (!found) {
            throw new MalformedException("The manifest is empty.");
        }
        json.flush();
        return text.toString();
    }

    private void node(Event event, String path, int depth) throws IOException {
        Mark mark = event.getStartMark().orElseThrow();
        places.put(path, mark.getLine() + 1, mark.getColumn() + 1);
        if (depth > MAX_DEPTH) {
            throw malformed("it is more than " + MAX_DEPTH + " levels deep", event.getStartMark());
        }
        if (event instanceof AliasEvent alias) {
            alias(alias);
            return;
        }
        json.flush();
        int from = text.getBuffer().length();
        switch (event) {
            case ScalarEvent scalar -> scalar(scalar, path);
            case CollectionStartEvent collection
            when event.getEventId() == Event.ID.MappingStart -> mapping(collection, path, depth);
            case CollectionStartEvent collection -> sequence(collection, path, depth);
            default -> throw malformed("unexpected " + event.getEventId(), event.getStartMark());
        }
        json.flush();
        Optional<Anchor> anchor = ((NodeEvent) event).getAnchor();
        if (anchor.isPresent()) {
            // Anchors within anchors keep the same text again
            anchoredChars += text.getBuffer().length() - from;
            if (anchoredChars > MAX_ALIASED_CHARS) {
                throw malformed(
                        "its anchors name more than " + MAX_ALIASED_CHARS + " characters", event.getStartMark());
            }
            String value = text.getBuffer().substring(from);
            anchors.put(anchor.get().getValue(), value.substring(startOfValue(value)));
        }
    }

    /** The generator writes what parts two values in front of the second. */
    private static int startOfValue(String written) {
        int i = 0;
        while (i < written.length()
                && (written.charAt(i) == ',' || written.charAt(i) == ':' || written.charAt(i) == ' ')) {
            i++;
        }
        return i;
    }

    private void alias(AliasEvent alias) throws IOException {
        String value = anchors.get(alias.getAlias().getValue());
        if (value == null) {
            throw malformed(
                    "the alias *" + alias.getAlias() + " stands before or within what it names", alias.getStartMark());
        }
        aliasedChars += Math.max(1, value.length());
        if (aliasedChars > MAX_ALIASED_CHARS) {
            throw malformed(
                    "its aliases stand for more than " + MAX_ALIASED_CHARS + " characters", alias.getStartMark());
        }
        json.writeRawValue(value);
    }

    private void mapping(CollectionStartEvent start, String path, int depth) throws IOException {
        requireTag(start.getTag(), start, Tag.MAP);
        json.writeStartObject();
        for (Event event = events.next(); event.getEventId() != Event.ID.MappingEnd; event = events.next()) {
            if (!(event instanceof ScalarEvent key)) {
                throw malformed("a key must be a text", event.getStartMark());
            }
            json.writeFieldName(key.getValue());
            node(events.next(), Paths.field(path, key.getValue()), depth + 1);
        }
        json.writeEndObject();
    }

    private void sequence(CollectionStartEvent start, String path, int depth) throws IOException {
        requireTag(start.getTag(), start, Tag.SEQ);
        json.writeStartArray();
        int index = 0;
        for (Event event = events.next(); event.getEventId() != Event.ID.SequenceEnd; event = events.next()) {
            node(event, Paths.element(path, index++), depth + 1);
        }
        json.writeEndArray();
    }

    private void scalar(ScalarEvent scalar, String path) throws IOException {
        String value = scalar.getValue();
        String tag = tag(scalar);
        if (tag.equals(Tag.NULL.getValue())) {
            json.writeNull();
        } else if (tag.equals(Tag.STR.getValue()) || scalar.getTag().isEmpty() && ManifestShape.isText(path)) {
            json.writeString(value);
        } else if (tag.equals(Tag.BOOL.getValue())) {
            json.writeBoolean(value.toLowerCase(Locale.ROOT).equals("true"));
        } else {
            json.writeNumber(number(value, scalar));
        }
    }

    private static String tag(ScalarEvent scalar) {
        Optional<String> given = scalar.getTag();
        if (given.isEmpty()) {
            return CORE.resolve(scalar.getValue(), scalar.isPlain()).getValue();
        }
        String tag = given.get();
        if (!STANDARD_TAGS.contains(tag)) {
            throw malformed("the tag " + tag + " is not known here", scalar.getStartMark());
        }
        boolean fits = tag.equals(Tag.STR.getValue())
                || CORE.resolve(scalar.getValue(), true).getValue().equals(tag);
        if (!fits) {
            throw malformed("the value is not what its tag " + tag + " says", scalar.getStartMark());
        }
        return tag;
    }

    private static void requireTag(Optional<String> given, Event event, Tag standard) {
        if (given.isPresent()
                && !given.get().equals(standard.getValue())
                && !given.get().equals("!")) {
            throw malformed("the tag " + given.get() + " is not known here", event.getStartMark());
        }
    }

    /** The number as JSON writes it: its digits are kept, since it is stored as it is written. */
    private static String number(String value, ScalarEvent scalar) {
        if (JSON_NUMBER.matcher(value).matches()) {
            return value;
        }
        if (value.startsWith("0o")) {
            return new BigInteger(value.substring(2), 8).toString();
        }
        if (value.startsWith("0x")) {
            return new BigInteger(value.substring(2), 16).toString();
        }
        var parts = DECIMAL.matcher(value);
        if (!parts.matches()) {
            throw malformed(value + " has no form in JSON; write it as a text in quotes", scalar.getStartMark());
        }
        String whole = parts.group(2).replaceFirst("^0+(?=\\d)", "");
        String fraction = parts.group(3) == null || parts.group(3).equals(".") ? "" : parts.group(3);
        return (parts.group(1).equals("-") ? "-" : "")
                + (whole.isEmpty() ? "0" : whole)
                + fraction
                + (parts.group(4) == null ? "" : parts.group(4));
    }

    private static MalformedException malformed(String problem, Optional<Mark> mark) {
        MalformedException.Location at = mark.map(
                        found -> new MalformedException.Location(found.getLine() + 1, found.getColumn() + 1))
                .orElse(null);
        String where = at == null ? "" : " (line " + at.line() + ", column " + at.column() + ")";
        return new MalformedException("The manifest cannot be read: " + problem + where + ".", at);
    }
}

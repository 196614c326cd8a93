package io.asyncjobs.run.host;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.node.TextNode;
import io.asyncjobs.platform.json.Texts;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run changed outside itself, or in a trial would have changed, in the order of the calls. Bounded: what is too
 * long for a record is cut when it is noted, and what comes after the last one kept is counted. Thread-safe.
 */
public final class Effects {

    static final int MAX_KEPT = 500;
    static final int MAX_VALUE_CHARS = 2_000;
    static final int MAX_TARGET_CHARS = 2_000;

    private static final JsonFactory JSON = new JsonFactory();

    /**
     * One change.
     *
     * @param call the host function, like {@code state.set}
     * @param target what it changed: a key, a connection with a path
     * @param valueJson to what, as JSON; null where there is nothing to say
     * @param error why the call failed; null where it did not
     */
    record Effect(
            Instant at,
            String call,
            String target,
            @Nullable String valueJson,
            @Nullable String error) {}

    /** The number of an effect that was not kept. */
    private static final int DROPPED = -1;

    private final List<Effect> kept = new ArrayList<>();
    private int dropped;

    void add(Instant at, String call, String target, @Nullable String valueJson) {
        note(at, call, cutTarget(target), valueJson == null ? null : bounded(valueJson));
    }

    /** Adds what is cut already; returns its number, for {@link #failed}. */
    synchronized int note(Instant at, String call, String target, @Nullable String boundedJson) {
        if (kept.size() == MAX_KEPT) {
            dropped++;
            return DROPPED;
        }
        kept.add(new Effect(
                at, call, Texts.storable(target), boundedJson == null ? null : Texts.storable(boundedJson), null));
        return kept.size() - 1;
    }

    /** The call that was noted under that number came to nothing, or nobody knows what it came to. */
    synchronized void failed(int number, String error) {
        if (number != DROPPED) {
            Effect effect = kept.get(number);
            kept.set(
                    number,
                    new Effect(effect.at(), effect.call(), effect.target(), effect.valueJson(), Texts.storable(error)));
        }
    }

    /** Notes what becomes of the job's state: a value by key, null for a deletion. */
    public void addState(Instant at, Map<String, @Nullable String> changes) {
        changes.forEach((key, value) -> add(at, value == null ? "state.delete" : "state.set", key, value));
    }

    /** A JSON array of effects; null where there are none. */
    public synchronized @Nullable String json() {
        if (kept.isEmpty()) {
            return null;
        }
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartArray();
            for (Effect effect : kept) {
                json.writeStartObject();
                json.writeStringField("at", effect.at().toString());
                json.writeStringField("call", effect.call());
                json.writeStringField("target", effect.target());
                json.writeFieldName("value");
                write(effect.valueJson(), json);
                if (effect.error() != null) {
                    json.writeStringField("error", effect.error());
                }
                json.writeEndObject();
            }
            if (dropped > 0) {
                json.writeStartObject();
                json.writeStringField("at", kept.getLast().at().toString());
                json.writeStringField("call", "more");
                json.writeStringField("target", dropped + " more effects are not listed");
                json.writeNullField("value");
                json.writeEndObject();
            }
            json.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    /** The JSON text itself, or where it is too long for a record, that of a text with its beginning. */
    static String bounded(String valueJson) {
        if (valueJson.length() <= MAX_VALUE_CHARS) {
            return valueJson;
        }
        return TextNode.valueOf("%s… (cut, %d characters in all)"
                        .formatted(beginning(valueJson, MAX_VALUE_CHARS), valueJson.length()))
                .toString();
    }

    /** The JSON text of that text, or where it is too long for a record, of its beginning. */
    static String boundedText(String text) {
        return text.length() <= MAX_VALUE_CHARS
                ? bounded(TextNode.valueOf(text).toString())
                : bounded('"' + text + '"');
    }

    /** What is named, or its beginning. */
    static String cutTarget(String target) {
        return target.length() <= MAX_TARGET_CHARS ? target : beginning(target, MAX_TARGET_CHARS) + "…";
    }

    private static String beginning(String text, int chars) {
        return text.substring(0, Character.isHighSurrogate(text.charAt(chars - 1)) ? chars - 1 : chars);
    }

    private static void write(@Nullable String valueJson, JsonGenerator json) throws IOException {
        if (valueJson == null) {
            json.writeNull();
        } else {
            json.writeRawValue(valueJson);
        }
    }
}

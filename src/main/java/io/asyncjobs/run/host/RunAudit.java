package io.asyncjobs.run.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.asyncjobs.audit.AuditEntry;
import io.asyncjobs.audit.AuditTrail;
import io.asyncjobs.audit.AuditVia;
import io.asyncjobs.audit.Changes;
import io.asyncjobs.platform.json.Texts;
import io.asyncjobs.script.HostCallException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a run did outside and what its script wants on the audit trail, until the run's end puts it there. Bounded by the
 * calls a run may make and by its {@link RunMemory}, which is asked first. Thread-safe.
 */
public final class RunAudit {

    static final int MAX_VALUE_CHARS = 64 * 1024;
    private static final String CONNECTION = "connection";

    /** One entry; {@code connection} is the one whose transaction it waits for, if any. */
    private record Noted(
            AuditEntry entry, ObjectNode after, @Nullable String connection) {

        boolean failed() {
            return after.has(ERROR);
        }
    }

    private static final String ERROR = "error";

    private record Run(String actor, UUID job, UUID run) {}

    private final @Nullable Run of;
    private final List<Noted> noted = new ArrayList<>();
    private int written;

    private RunAudit(@Nullable Run of) {
        this.of = of;
    }

    /** For a run that acts as that user. */
    public static RunAudit of(String actor, UUID job, UUID run) {
        return new RunAudit(new Run(actor, job, run));
    }

    /** For a trial, which leaves nothing. */
    static RunAudit none() {
        return new RunAudit(null);
    }

    /**
     * A call over a web service that changes something there; {@code bodyJson} is short enough for a record. Returns what
     * takes the reason should the call fail.
     */
    Consumer<String> http(Instant at, String action, String connection, String path, @Nullable String bodyJson) {
        ObjectNode after = JsonNodeFactory.instance.objectNode().put("path", path);
        if (bodyJson != null) {
            after.putRawValue("body", new RawValue(bodyJson));
        }
        return note(at, action, CONNECTION, connection, after, null);
    }

    /**
     * A statement that may change something, short enough for a record; it counts as committed when {@link #committed} says
     * so. Returns what takes the reason should it fail, which undoes it.
     */
    Consumer<String> sql(Instant at, String action, String connection, String statementJson) {
        ObjectNode after = JsonNodeFactory.instance
                .objectNode()
                .putRawValue("statement", new RawValue(statementJson))
                .put("committed", false);
        return note(at, action, CONNECTION, connection, after, connection);
    }

    /** What was executed over that connection so far has been made last. */
    synchronized void committed(String connection) {
        for (Noted one : noted) {
            if (connection.equals(one.connection()) && !one.failed()) {
                one.after().put("committed", true);
            }
        }
    }

    /**
     * An event of the script's own.
     *
     * @throws HostCallException when it lacks something or holds too much
     */
    synchronized void record(Instant at, JsonNode event) {
        for (String required : List.of("action", "entityType")) {
            if (!event.path(required).isTextual()
                    || event.path(required).textValue().isBlank()) {
                throw new HostCallException("audit.record needs a text in '" + required + "'");
            }
        }
        String entityId = entityId(event);
        if (entityId.isBlank()) {
            throw new HostCallException("audit.record needs a text or a whole number in 'entityId'");
        }
        for (String optional : List.of("entityName", "reason")) {
            if (event.hasNonNull(optional) && !event.get(optional).isTextual()) {
                throw new HostCallException("audit.record wants a text in '" + optional + "'");
            }
        }
        bounded("action", event.get("action").textValue(), AuditTrail.MAX_TEXT_BYTES);
        bounded("entityType", event.get("entityType").textValue(), AuditTrail.MAX_TEXT_BYTES);
        bounded("entityId", entityId, AuditTrail.MAX_TEXT_BYTES);
        bounded("entityName", event.path("entityName").asText(), AuditTrail.MAX_TEXT_BYTES);
        bounded("reason", event.path("reason").asText(), AuditTrail.MAX_REASON_BYTES);
        Changes changes = new Changes(fields(event.path("before"), "before"), fields(event.path("after"), "after"));
        if (of == null) {
            return;
        }
        AuditEntry entry = AuditEntry.of(
                        of.actor(),
                        event.get("action").textValue(),
                        event.get("entityType").textValue(),
                        entityId)
                .named(event.path("entityName").textValue())
                .because(event.path("reason").textValue())
                .with(changes);
        noted.add(new Noted(place(entry, of, at), JsonNodeFactory.instance.objectNode(), null));
    }

    private static void bounded(String name, String text, int maxBytes) {
        String fault = Texts.fault(text);
        if (fault != null) {
            throw new HostCallException("audit.record: '" + name + "' " + fault);
        }
        int bytes = Texts.bytes(text);
        if (bytes > maxBytes) {
            throw new HostCallException(
                    "audit.record takes at most " + maxBytes + " bytes of UTF-8 in '" + name + "', these are " + bytes);
        }
    }

    /** What a script's event is about, as text: other systems number what they keep. Empty if that is not told. */
    static String entityId(JsonNode event) {
        JsonNode id = event.path("entityId");
        return id.isTextual() || id.isIntegralNumber() ? id.asText() : "";
    }

    /** What is not on the trail yet, in the order of the calls. */
    public synchronized List<AuditEntry> entries() {
        return first(Integer.MAX_VALUE);
    }

    /** The first so many of what is not on the trail yet. */
    public synchronized List<AuditEntry> first(int most) {
        return noted.stream()
                .skip(written)
                .limit(most)
                .map(one -> one.after().isEmpty()
                        ? one.entry()
                        : one.entry().with(new Changes(null, one.after().toString())))
                .toList();
    }

    /** How many are not on the trail yet. */
    public synchronized int size() {
        return noted.size() - written;
    }

    /** So many, from the first one on, are on the trail. */
    public synchronized void written(int count) {
        written = count;
    }

    /** How many are on the trail. */
    public synchronized int written() {
        return written;
    }

    private synchronized Consumer<String> note(
            Instant at,
            String action,
            String entityType,
            String entityId,
            ObjectNode after,
            @Nullable String connection) {
        if (of != null) {
            AuditEntry entry =
                    AuditEntry.of(of.actor(), action, entityType, entityId).named(entityId);
            noted.add(new Noted(place(entry, of, at), after, connection));
        }
        return reason -> failed(after, reason);
    }

    private synchronized void failed(ObjectNode after, String reason) {
        after.put(ERROR, Texts.storable(reason));
    }

    private static AuditEntry place(AuditEntry entry, Run of, Instant at) {
        return entry.via(AuditVia.SCRIPT).at(at).ofRun(of.job(), of.run());
    }

    /** An object as it is; what is none becomes the value of one, since old and new values are told by fields. */
    private static @Nullable String fields(JsonNode given, String name) {
        if (given.isMissingNode() || given.isNull()) {
            return null;
        }
        ObjectNode object = given instanceof ObjectNode fields
                ? fields
                : JsonNodeFactory.instance.objectNode().set("value", given);
        String text = object.toString();
        if (text.length() > MAX_VALUE_CHARS) {
            throw new HostCallException("audit.record takes at most " + MAX_VALUE_CHARS + " characters of JSON in '"
                    + name + "', these are " + text.length());
        }
        return text;
    }
}

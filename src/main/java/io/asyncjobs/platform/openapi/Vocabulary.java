package io.asyncjobs.platform.openapi;

import static java.util.Map.entry;

import io.asyncjobs.platform.Name;
import io.asyncjobs.platform.shape.FieldShape;
import io.asyncjobs.platform.shape.Limits;
import io.asyncjobs.platform.shape.RecordShape;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * Words that mean the same wherever they name a field: described, bounded and exemplified once. What a record says
 * itself, by {@code @Schema} or a constraint, goes before.
 */
final class Vocabulary {

    /** Any text the service stores: valid Unicode without the one character PostgreSQL cannot hold. */
    static final String TEXT = "^[^\\u0000]*$";

    private static final String ID = "0198c8a4-7d0e-7c3b-9f52-6a4b1c2d3e4f";
    private static final String INSTANT = "2026-01-31T12:00:00Z";

    /**
     * What a word says of a field; null says nothing. Of a text the largest size is in characters, of a list in entries.
     *
     * @param draftField the field of the drafts whose limits the word has; null where it has its own
     */
    private record Word(
            String description,
            Object example,
            Limits limits,
            @Nullable String pattern,
            @Nullable String draftField) {}

    private static final Map<String, Word> WORDS = Map.ofEntries(
            entry("id", plain("Never changes", ID)),
            entry("jobId", plain("The job's id", ID)),
            entry("runId", plain("The run's id", ID)),
            entry("name", text("Unique, whatever the case", "close-stale-queries", Name.MAX_LENGTH)),
            entry("jobName", text("The job's name", "close-stale-queries", Name.MAX_LENGTH)),
            entry("description", asDraft("What it is for", "Closes queries nobody answered", "description")),
            entry(
                    "reason",
                    asDraft("Why it was done, in the words of who did it", "superseded by the digest", "reason")),
            entry("archived", plain("Whether it is out of use: no run starts", false)),
            entry("paused", plain("Whether it is held for the time being: no run starts", false)),
            entry("associatedUser", text("The username of the account it acts as", "edc-sync", Name.MAX_LENGTH)),
            entry("user", text("The username of the account it acted as", "edc-sync", Name.MAX_LENGTH)),
            entry("createdBy", text("Who created it", "ada", Name.MAX_LENGTH)),
            entry("updatedBy", text("Who changed it last", "ada", Name.MAX_LENGTH)),
            entry("createdAt", plain("When it was created", INSTANT)),
            entry("updatedAt", plain("When it was last changed", INSTANT)),
            entry("pollIntervalSeconds", asDraft("Seconds from tick to tick", 60, "pollIntervalSeconds")),
            entry("timeoutSeconds", asDraft("Seconds after which a run is ended", 60, "timeoutSeconds")),
            entry(
                    "script",
                    asDraft(
                            "The data script: the body of an async JavaScript function",
                            "return { checked: 3 };",
                            "script")),
            entry(
                    "scriptMd5",
                    matching(
                            "What md5sum prints for the script's exact UTF-8 bytes",
                            "9e107d9d372bb6826bd81d3542a419d6",
                            "^[0-9a-f]{32}$",
                            32)),
            entry(
                    "scriptSha256",
                    matching(
                            "The SHA-256 of the script's exact UTF-8 bytes, in hex",
                            "d7a8fbb307d7809469ca9abcb0082e4f8d5651e46bf3ab39d4c1f4a5c4e0b0e1",
                            "^[0-9a-f]{64}$",
                            64)),
            entry("parameters", plain("What the script sees as params", Map.of("maxAgeDays", 30))),
            entry(
                    "parametersSchema",
                    plain("A JSON Schema of the parameters", Map.of("required", List.of("maxAgeDays")))),
            entry("revision", number("The number of the save, from 1", 1, 1, Integer.MAX_VALUE)),
            entry("nextTickAt", plain("The next instant on the time grid; null when none is to come", INSTANT)),
            entry("scheduledFor", plain("The tick; for a run by hand, when it was asked for", INSTANT)),
            entry("startedAt", plain("When it started; null before", INSTANT)),
            entry("finishedAt", plain("When it ended; null before", INSTANT)),
            entry("durationMillis", plain("How long the script ran", 12)),
            entry("lastRun", plain("The latest run; null when there was none yet", Map.of())),
            entry("outcome", plain("How it ended; null while it runs", "succeeded")),
            entry("trigger", plain("What started it", "timer")),
            entry("error", plain("Why it did not succeed; null when it did, and while it runs", Map.of())),
            entry("savedAt", plain("When it was saved", INSTANT)),
            entry("savedBy", text("Who saved it", "ada", Name.MAX_LENGTH)),
            entry("at", plain("When", INSTANT)),
            entry("by", text("Who", "ada", Name.MAX_LENGTH)),
            entry("until", plain("When it ends by itself; null when only by hand", INSTANT)),
            entry("pause", plain("Since when, until when, by whom and why it is held; null when it is not", Map.of())),
            entry("call", text("The host function", "state.set", 100)),
            entry("target", text("What it was about", "since", 2000)),
            entry("text", text("What the script wrote; data, whatever it holds", "checked 3", 300_000)),
            entry("effects", text("What it changed outside itself, in order", "", 501)),
            entry("log", text("What it logged, in order", "", 300_000)),
            entry("workers", text("Its worker processes", "", 1000)),
            entry("runs", text("The runs whose leases it holds", "", 100_000)),
            entry(
                    "warming",
                    plain("Whether it starts or is still slower than it will be, so that ticks may run late", false)),
            entry("pid", number("The operating system's number of the process", 4711, 1, Integer.MAX_VALUE)),
            entry("mode", plain("Whether scripts run compiled or interpreted", "compiled")),
            entry("state", plain("What it does", "ready")),
            entry("inFlight", plain("How many runs go on in it", 2)),
            entry("node", text("The name of the node that ran it", "node-1", 500)),
            entry("epoch", plain("Grows with each lease of the job; a later lease fences an earlier one", 1)),
            entry("message", text("What went wrong, in words", "Unexpected token ';'", 10_000)),
            entry("line", number("The script's own line, from 1", 1, 1, Integer.MAX_VALUE)),
            entry("column", number("The script's own column, from 1", 1, 1, Integer.MAX_VALUE)),
            entry("stack", text("Where it went wrong, a frame a line", "at main (close-stale-queries:1:1)", 100_000)),
            entry("result", plain("What the script returned: any JSON; null without", Map.of("checked", 3))),
            entry("from", plain("The beginning, included", INSTANT)),
            entry("to", plain("The end, excluded", "2026-02-01T12:00:00Z")),
            entry("expected", plain("How many ticks there were: those that ran and all gaps", 1440)),
            entry("ran", plain("How many had a run", 1438)),
            entry("late", plain("Of those that ran, how many started more than a second late", 0)),
            entry("outcomes", plain("How many runs ended how", Map.of("succeeded", 1437))),
            entry("gaps", plain("How many had none, by reason", Map.of("overlap", 2))),
            entry(
                    "configuredIntervalSeconds",
                    asDraft("Seconds from tick to tick, as configured", 60, "pollIntervalSeconds")),
            entry("effectiveIntervalSeconds", plain("The mean distance of runs; null with fewer than two", 60.0)),
            entry("p50", plain("Half of them were as quick; null without runs", 12.0)),
            entry("p95", plain("95 of 100 were as quick; null without runs", 31.5)),
            entry("p99", plain("99 of 100 were as quick; null without runs", 80.0)));

    /** Parameters of path and header that mean the same in every call; {@code If-Match} is needed unless said otherwise. */
    private static final Map<String, Word> PARAMETERS = Map.of(
            "job", text("The job's id or its name, URL-encoded", "close-stale-queries", 600),
            "username", text("The username", "edc-sync", Name.MAX_LENGTH),
            "If-Match", text("The ETag last read, or * for whatever it is now", "*", 1000),
            "If-None-Match", text("ETags the reader has already", "*", 1000));

    private final Collection<RecordShape> drafts;

    /** {@code drafts} are the records of all requests. */
    Vocabulary(Collection<RecordShape> drafts) {
        this.drafts = List.copyOf(drafts);
    }

    /** Says what the parameter does not say itself. */
    static void explain(Parameter parameter) {
        Word word = PARAMETERS.get(parameter.getName());
        Schema schema = parameter.getSchema();
        if (word == null || parameter.getIn() == Parameter.In.QUERY || parameter.getDescription() != null) {
            return;
        }
        parameter.setDescription(word.description);
        if (parameter.getName().equals("If-Match")) {
            parameter.setRequired(true);
        }
        if (parameter.getIn() == Parameter.In.PATH) {
            schema.setMinLength(1);
        }
        schema.setMaxLength(word.limits.mostSaid());
    }

    /** Fills in what the field does not say itself. */
    void explain(String field, Schema schema) {
        Word word = WORDS.get(field);
        if (word == null) {
            return;
        }
        if (schema.getDescription() == null) {
            schema.setDescription(word.description);
        }
        // Of the same word some are numbers, some objects: what is said must fit
        boolean fits = fits(schema, word.example);
        if (fits && schema.getExamples() == null) {
            schema.addExample(word.example);
        }
        Limits limits = word.draftField == null ? word.limits : limitsOf(word.draftField);
        if (schema.getMaxLength() == null && Schemas.has(schema, Schema.SchemaType.STRING)) {
            schema.setMaxLength(limits.mostSaid());
        }
        if (schema.getMaxItems() == null && Schemas.has(schema, Schema.SchemaType.ARRAY)) {
            schema.setMaxItems(limits.mostSaid());
        }
        if (schema.getPattern() == null && Schemas.has(schema, Schema.SchemaType.STRING)) {
            schema.setPattern(word.pattern);
        }
        if (schema.getMinimum() == null && limits.least() != null && Schemas.has(schema, Schema.SchemaType.INTEGER)) {
            schema.setMinimum(BigDecimal.valueOf(limits.least()));
        }
        if (schema.getMaximum() == null && limits.most() != null && Schemas.has(schema, Schema.SchemaType.INTEGER)) {
            schema.setMaximum(BigDecimal.valueOf(limits.most()));
        }
    }

    /** What all drafts with that field say of it. */
    private Limits limitsOf(String field) {
        Set<Limits> limits = drafts.stream()
                .flatMap(draft -> draft.fields().stream())
                .filter(one -> one.name().equals(field))
                .map(FieldShape::limits)
                .collect(Collectors.toSet());
        if (limits.size() != 1) {
            throw new IllegalStateException("The drafts must agree about " + field + ", and say " + limits);
        }
        return limits.iterator().next();
    }

    private static boolean fits(Schema schema, Object example) {
        if (schema.getRef() != null || schema.getOneOf() != null) {
            return false;
        }
        if (schema.getType() == null) {
            return true;
        }
        return switch (example) {
            case String text -> Schemas.has(schema, Schema.SchemaType.STRING);
            case Boolean truth -> Schemas.has(schema, Schema.SchemaType.BOOLEAN);
            case Integer number -> Schemas.has(schema, Schema.SchemaType.INTEGER);
            case Double number -> Schemas.has(schema, Schema.SchemaType.NUMBER);
            default -> Schemas.has(schema, Schema.SchemaType.OBJECT);
        };
    }

    private static Word plain(String description, Object example) {
        return new Word(description, example, Limits.NONE, null, null);
    }

    private static Word text(String description, String example, int maxLength) {
        return new Word(description, example, Limits.ofSize(maxLength), null, null);
    }

    private static Word matching(String description, String example, String pattern, int maxLength) {
        return new Word(description, example, Limits.ofSize(maxLength), pattern, null);
    }

    private static Word number(String description, int example, long minimum, long maximum) {
        return new Word(description, example, Limits.ofNumber(minimum, maximum), null, null);
    }

    private static Word asDraft(String description, Object example, String draftField) {
        return new Word(description, example, Limits.NONE, null, draftField);
    }
}

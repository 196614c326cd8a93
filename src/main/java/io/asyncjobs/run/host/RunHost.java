package io.asyncjobs.run.host;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.asyncjobs.connection.Masking;
import io.asyncjobs.connection.http.HttpAnswer;
import io.asyncjobs.connection.http.HttpBody;
import io.asyncjobs.connection.http.HttpCall;
import io.asyncjobs.connection.http.HttpCalls;
import io.asyncjobs.connection.sql.SqlBatch;
import io.asyncjobs.connection.sql.SqlCall;
import io.asyncjobs.connection.sql.SqlResult;
import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.platform.json.StoredJson;
import io.asyncjobs.platform.memory.ByteBudget;
import io.asyncjobs.script.HostCallException;
import io.asyncjobs.script.HostFunctions;
import io.asyncjobs.script.LogLine;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What one run's script may ask of the service, and what it has changed by that.
 *
 * <p>In a trial, what reads is carried out and what changes is noted only: a call answers as if it had been done, with an
 * empty answer. {@link #close} ends whatever still goes on for the run.
 */
public final class RunHost implements HostFunctions, AutoCloseable {

    private static final String NO_ANSWER =
            "The run ended before the answer came: it is not known whether the call was carried out";

    private static final int NOT_CARRIED_OUT = 202;
    /** What a line of the log takes beside its texts. */
    private static final int LOG_LINE_BYTES = 128;
    /** What an effect and its audit record take beside their texts. */
    private static final int NOTE_BYTES = 1024;

    /** A call that changes something, whose answer has not come. */
    private record Unanswered(int effect, Consumer<String> audited) {}

    private final Set<Unanswered> unanswered = ConcurrentHashMap.newKeySet();
    private final Consumer<LogLine> log;
    private final StateStore store;
    private final RunState state;
    private final RunConnections connections;
    private final boolean trial;
    private final RunAudit audit;
    private final String user;
    private final DatabaseClock clock;
    private final ObjectMapper json;
    private final RunMemory memory;
    private final Masking masking;
    private final Effects effects = new Effects();

    RunHost(
            Consumer<LogLine> log,
            StateStore store,
            RunState state,
            RunConnections connections,
            boolean trial,
            RunAudit audit,
            String user,
            DatabaseClock clock,
            ObjectMapper json,
            RunMemory memory) {
        this.memory = memory;
        this.log = log;
        this.store = store;
        this.state = state;
        this.connections = connections;
        this.masking = connections.masking();
        this.trial = trial;
        this.audit = audit;
        this.user = user;
        this.clock = clock;
        this.json = json;
    }

    @Override
    public void log(LogLine line) {
        String data = line.dataJson();
        memory.count(LOG_LINE_BYTES
                + (long) RunMemory.BYTES_OF_A_CHAR * (line.text().length() + (data == null ? 0 : data.length())));
        log.accept(
                masking.isIdle()
                        ? line
                        : new LogLine(
                                line.level(),
                                masking.cutText(line.text()),
                                data == null ? null : masking.json(data),
                                line.nanoTime()));
    }

    /** Takes the secrets of the connections that the run used out of what is stored or shown of it. */
    public Masking masking() {
        return masking;
    }

    @Override
    public ByteBudget.Share memory() {
        return memory.calls();
    }

    /** What of the run is in this node until it is on record. */
    public RunMemory noted() {
        return memory;
    }

    @Override
    public CompletionStage<@Nullable String> call(String function, String argumentsJson, ByteBudget.Hold held) {
        // In a state numbers keep the text that the script's own numbers have
        JsonNode written = function.equals("state.set") ? StoredJson.tree(argumentsJson) : null;
        JsonNode arguments = written == null ? read(argumentsJson) : written;
        return switch (function) {
            case "state.get" -> done(state.get(key(arguments)));
            case "state.set" -> {
                state.set(key(arguments), masking.json(write(arguments.path(1))));
                yield done(null);
            }
            case "state.delete" -> done(Boolean.toString(state.delete(key(arguments))));
            case "state.commit" -> commitState();
            case "state.keys" -> done(write(json.valueToTree(state.keys())));
            case "http" -> http(arguments, held);
            case "crypto.sign" -> done(write(TextNode.valueOf(connections.sign(arguments))));
            case "sql.query" ->
                connections
                        .query(text(arguments, 0), new SqlArguments(arguments).call(), held)
                        .thenApply(SqlResult::rowsJson);
            case "sql.open", "sql.fetch", "sql.close" ->
                connections.cursor(function, new SqlArguments(arguments), held).thenApply(SqlResult::rowsJson);
            case "sql.execute" -> execute(new SqlArguments(arguments), held);
            case "sql.batch" -> batch(new SqlArguments(arguments), held);
            case "sql.commit" -> commit(text(arguments, 0));
            case "audit.record" -> audit(arguments.path(0));
            default -> throw new HostCallException("There is no function " + function);
        };
    }

    /** What the run has changed so far, but for its state. */
    public Effects effects() {
        return effects;
    }

    /** What the run's end puts on the audit trail. */
    public RunAudit audit() {
        return audit;
    }

    public RunState state() {
        return state;
    }

    /** Whether {@link #commit} and {@link #close} may have to wait for something outside. */
    public boolean endsSlowly() {
        return connections.holdsSessions();
    }

    /** Whether something waits for {@link #commit}. */
    public boolean mustCommit() {
        return connections.mustCommit();
    }

    /**
     * Makes last what the script did over SQL connections; a trial never comes so far.
     *
     * @throws HostCallException when something could not be made last
     */
    public void commit() {
        connections.commitAll(audit::committed);
    }

    /** Ends what goes on. Of a call that has no answer yet, nobody knows what it came to. */
    @Override
    public void close() {
        for (Unanswered call : unanswered) {
            if (unanswered.remove(call)) {
                note(call, NO_ANSWER);
            }
        }
        connections.close();
    }

    private CompletionStage<@Nullable String> http(JsonNode arguments, ByteBudget.Hold held) {
        HttpArguments asked = new HttpArguments(arguments);
        HttpCalls.Opened connection = connections.http(asked.connection());
        HttpCall call = asked.call(connections.path(connection, asked.path()), user);
        if (asked.isReading()) {
            return connections.http(connection, call, held).thenApply(this::answer);
        }
        String action = "http." + asked.method().toLowerCase(Locale.ROOT);
        String body = noted(connection, call.body());
        String path = connection.notedPath(call.path());
        String target = Effects.cutTarget(call.connection() + " " + path);
        note(action, target, body);
        Instant now = clock.now();
        int number = effects.note(now, action, target, body);
        Consumer<String> audited = audit.http(now, action, call.connection(), Effects.cutTarget(path), body);
        // What the script says only reads is carried out in a trial, too. It is on record all the same: nobody else can
        // tell
        return trial && !asked.isSaidToRead()
                ? done(answer(HttpAnswer.of(NOT_CARRIED_OUT, "null")))
                : failing(connections.http(connection, call, held), number, audited)
                        .thenApply(this::answer);
    }

    /** A body as it is kept: without secrets, and cut. */
    private @Nullable String noted(HttpCalls.Opened connection, @Nullable HttpBody body) {
        if (body == null) {
            return null;
        }
        return switch (body.kind()) {
            case JSON -> Effects.bounded(masking.json(connection.notedBody(body.text())));
            case MULTIPART -> Effects.bounded(masking.json(connection.notedBody(body.parts())));
            case BYTES -> Effects.boundedText("base64 " + body.text());
            case TEXT, FORM -> Effects.boundedText(masking.text(connection.notedBody(body.text())));
        };
    }

    /** Notes with the effect and its audit record why the call failed, should it, or that its answer came too late. */
    private <T> CompletionStage<T> failing(CompletionStage<T> answer, int effect, Consumer<String> audited) {
        Unanswered call = new Unanswered(effect, audited);
        unanswered.add(call);
        return answer.whenComplete((done, failure) -> {
            if (unanswered.remove(call) && failure != null) {
                Throwable cause = failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
                String error = cause instanceof HostCallException && cause.getMessage() != null
                        ? Effects.cutTarget(masking.text(cause.getMessage()))
                        : "The service failed";
                note(call, error);
            }
        });
    }

    private void note(Unanswered call, String error) {
        memory.count((long) RunMemory.BYTES_OF_A_CHAR * error.length());
        effects.failed(call.effect, error);
        call.audited.accept(error);
    }

    private String answer(HttpAnswer answer) {
        ObjectNode tree = json.createObjectNode().put("status", answer.status());
        ObjectNode headers = tree.putObject("headers");
        answer.headers().forEach(headers::put);
        return write(tree.put("body", answer.body())
                .put("base64", answer.base64())
                .put("bytes", answer.bytes())
                .put("marked", answer.marked())
                .put("unknown", answer.unknown()));
    }

    private CompletionStage<@Nullable String> execute(SqlArguments arguments, ByteBudget.Hold held) {
        String connection = arguments.connection();
        SqlCall call = arguments.call();
        connections.requireSql(connection);
        ObjectNode value = json.createObjectNode().put("text", call.text());
        value.putArray("params").addAll(call.parameters());
        return changing(
                        "sql.execute",
                        connection,
                        value,
                        () -> trial
                                ? connections.check(connection, call, held)
                                : connections.execute(connection, call, held))
                .thenApply(result -> "{\"rows\":%s,\"rowCount\":%d,\"changed\":%d}"
                        .formatted(result.rowsJson(), result.rowCount(), result.changedCount()));
    }

    private CompletionStage<@Nullable String> batch(SqlArguments arguments, ByteBudget.Hold held) {
        String connection = arguments.connection();
        SqlBatch batch = arguments.batch();
        connections.requireSql(connection);
        if (batch.rows().isEmpty()) {
            return done("{\"changed\":0}");
        }
        ObjectNode value = json.createObjectNode()
                .put("text", batch.text())
                .put("rows", batch.rows().size());
        value.putArray("firstRow").addAll(batch.rows().getFirst());
        return changing(
                        "sql.batch",
                        connection,
                        value,
                        () -> trial
                                ? connections.check(connection, batch.row(0), held)
                                : connections.execute(connection, batch, held))
                .thenApply(result -> "{\"changed\":%d}".formatted(result.changedCount()));
    }

    /** Notes what is done, and does it. */
    private CompletionStage<SqlResult> changing(
            String function, String connection, ObjectNode what, Supplier<CompletionStage<SqlResult>> statement) {
        String done = Effects.bounded(masking.json(write(what)));
        note(function, connection, done);
        Instant now = clock.now();
        int number = effects.note(now, function, connection, done);
        Consumer<String> audited = audit.sql(now, function, connection, done);
        return failing(statement.get(), number, audited);
    }

    /** Stores what the script made of the state so far, whatever becomes of the run; a trial stores nothing. */
    private CompletionStage<@Nullable String> commitState() {
        Map<String, @Nullable String> changes = state.changes();
        if (trial || changes.isEmpty()) {
            return done(null);
        }
        return connections
                .carryOut(() -> {
                    Instant now = clock.now();
                    if (!store.write(changes, now)) {
                        throw new HostCallException(
                                "state.commit stored nothing: the run does not hold its lease any more");
                    }
                    state.stored(changes);
                    effects.addState(now, changes);
                    return true;
                })
                .thenApply(stored -> null);
    }

    private CompletionStage<@Nullable String> commit(String connection) {
        return connections.commit(connection).thenApply(nothing -> {
            audit.committed(connection);
            return null;
        });
    }

    private CompletionStage<@Nullable String> audit(JsonNode given) {
        Instant now = clock.now();
        String whole = masking.json(write(given));
        JsonNode event = masking.isIdle() ? given : read(whole);
        memory.note("an audit record", NOTE_BYTES + (long) RunMemory.BYTES_OF_A_CHAR * whole.length());
        audit.record(now, event);
        effects.add(now, "audit.record", event.path("entityType").textValue() + " " + RunAudit.entityId(event), whole);
        return done(null);
    }

    /** Makes room for an effect and its audit record, which share their texts. */
    private void note(String action, String target, @Nullable String valueJson) {
        memory.note(
                "the effect of " + action,
                NOTE_BYTES
                        + (long) RunMemory.BYTES_OF_A_CHAR
                                * (2 * target.length() + (valueJson == null ? 0 : valueJson.length())));
    }

    private static CompletionStage<@Nullable String> done(@Nullable String json) {
        return CompletableFuture.completedFuture(json);
    }

    private String key(JsonNode arguments) {
        if (!arguments.path(0).isTextual()) {
            throw new HostCallException("A state key must be a string");
        }
        return masking.text(arguments.path(0).textValue());
    }

    private static String text(JsonNode arguments, int index) {
        return Objects.requireNonNull(arguments.path(index).textValue(), "The bootstrap sends a text here");
    }

    private JsonNode read(String text) {
        try {
            return json.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The worker sent arguments that are no JSON", e);
        }
    }

    private String write(JsonNode tree) {
        try {
            return json.writeValueAsString(tree);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A tree can be written", e);
        }
    }
}

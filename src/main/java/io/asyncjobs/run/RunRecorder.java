package io.asyncjobs.run;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.schedule.Completion;
import io.asyncjobs.schedule.Dispatcher;
import io.asyncjobs.schedule.RunOutcome;
import io.asyncjobs.script.ScriptError;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Puts ends of runs on record, as many in one transaction as have come together: at once when idle, in groups under load.
 *
 * <p>One thread. While the database is away it keeps trying; a run that is not on record keeps its lease, so nothing is
 * lost and nothing runs twice. Lines of runs in flight are written now and then, so that a crash leaves them readable.
 */
@Singleton
class RunRecorder {

    private static final Logger LOG = Logger.getLogger(RunRecorder.class);
    private static final int MOST_AT_ONCE = 1_000;
    private static final long LINES_EVERY_MILLIS = 500;

    /** Ends that come together in such numbers show load: then more are waited for. */
    private static final int LOAD = 4;

    private static final long GATHER_MILLIS = 20;

    /** So many are worth a statement: no need to wait for more. */
    private static final int ENOUGH = 250;

    /** With so many ends waiting, the database is what limits: no more runs are started. */
    private static final int BEHIND = 5_000;

    private static final long RETRY_AFTER_MILLIS = 250;
    private static final JsonFactory JSON = new JsonFactory();

    private record Finished(RunInFlight run, Completion completion) {}

    private final RunRecords records;
    private final DatabaseClock clock;
    private final Dispatcher dispatcher;
    private final Map<UUID, RunInFlight> inFlight = new ConcurrentHashMap<>();
    private final BlockingQueue<Finished> finished = new LinkedBlockingQueue<>();
    private final Thread thread;
    private volatile boolean stopping;

    RunRecorder(RunRecords records, DatabaseClock clock, Dispatcher dispatcher) {
        this.records = records;
        this.clock = clock;
        this.dispatcher = dispatcher;
        this.thread = Thread.ofPlatform().name("run-recorder").daemon().start(this::loop);
    }

    @PreDestroy
    void stop() {
        stopping = true;
        thread.interrupt();
    }

    /** From now on the run's lines are written now and then. */
    void begin(RunInFlight run) {
        inFlight.put(run.claim().runId(), run);
    }

    /** The run has ended; returns at once. */
    void end(RunInFlight run, Completion completion) {
        finished.add(new Finished(run, completion));
    }

    /** Whether so many ends wait to be put on record that no more runs should begin. */
    boolean isBehind() {
        return inFlight.size() > BEHIND;
    }

    /** Waits until every run is on record as ended; false when that takes longer. */
    boolean becameIdle(Duration within) {
        long end = System.nanoTime() + within.toNanos();
        while (inFlightCount() > 0) {
            if (System.nanoTime() > end) {
                return false;
            }
            try {
                TimeUnit.MILLISECONDS.sleep(10);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }

    /** How many runs are not on record as ended. */
    int inFlightCount() {
        return inFlight.size();
    }

    /** That run, while it is not on record as ended. */
    Optional<RunInFlight> inFlight(UUID run) {
        return Optional.ofNullable(inFlight.get(run));
    }

    /** The runs that are not on record as ended. */
    Collection<RunInFlight> inFlight() {
        return List.copyOf(inFlight.values());
    }

    /** JSON text of an error. */
    static String json(ScriptError error) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("message", error.message());
            write(json, "line", error.line());
            write(json, "column", error.column());
            json.writeStringField("stack", error.stack());
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private static void write(JsonGenerator json, String field, @Nullable Integer number) throws IOException {
        json.writeFieldName(field);
        if (number == null) {
            json.writeNull();
        } else {
            json.writeNumber(number);
        }
    }

    private void loop() {
        long linesWritten = System.nanoTime();
        int lately = 0;
        while (!stopping) {
            try {
                List<Finished> batch = new ArrayList<>();
                Finished first = finished.poll(LINES_EVERY_MILLIS, TimeUnit.MILLISECONDS);
                if (first != null) {
                    if (lately >= LOAD && finished.size() < ENOUGH) {
                        TimeUnit.MILLISECONDS.sleep(GATHER_MILLIS);
                    }
                    batch.add(first);
                    finished.drainTo(batch, MOST_AT_ONCE - 1);
                    lately = batch.size();
                    write(batch);
                }
                if (System.nanoTime() - linesWritten >= TimeUnit.MILLISECONDS.toNanos(LINES_EVERY_MILLIS)) {
                    writeLines();
                    linesWritten = System.nanoTime();
                }
            } catch (InterruptedException e) {
                // Only stop() interrupts
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                LOG.error("The recorder goes on after an error of its own", e);
            }
        }
    }

    private void write(List<Finished> batch) throws InterruptedException {
        boolean told = false;
        while (true) {
            try {
                writeOnce(batch);
                return;
            } catch (RuntimeException e) {
                if (isFaultOfTheData(e)) {
                    writeOneByOne(batch, e);
                    return;
                }
                if (!told) {
                    LOG.errorf("%d ended runs wait for the database: %s", batch.size(), e.getMessage());
                    told = true;
                }
                TimeUnit.MILLISECONDS.sleep(RETRY_AFTER_MILLIS);
            }
        }
    }

    /** One run that cannot be stored must not keep the others: it is recorded as failed, without what it left. */
    private void writeOneByOne(List<Finished> batch, RuntimeException fault) throws InterruptedException {
        if (batch.size() > 1) {
            for (Finished one : batch) {
                write(List.of(one));
            }
            return;
        }
        for (Finished one : batch) {
            UUID run = one.run().claim().runId();
            LOG.errorf(fault, "What run %s left cannot be stored", run);
            one.run().log().clear();
            Completion bare = new Completion(
                    one.completion().claim(),
                    one.completion().startedAt(),
                    one.completion().finishedAt(),
                    RunOutcome.FAILED,
                    null,
                    json(new ScriptError("What the run left could not be stored", null, null, null)),
                    null,
                    true);
            writeOnce(List.of(new Finished(one.run(), bare)));
        }
    }

    /** Whether the database refused the values themselves, so that trying again is of no use. */
    private static boolean isFaultOfTheData(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                String kind = sql.getSQLState().substring(0, 2);
                // Data exceptions, broken constraints, limits of the database
                return kind.equals("22") || kind.equals("23") || kind.equals("54");
            }
        }
        return false;
    }

    private void writeOnce(List<Finished> batch) {
        List<RunRecords.Ended> ended = new ArrayList<>();
        for (Finished one : batch) {
            RunLog.Chunk lines = one.run().log().pending();
            ended.add(new RunRecords.Ended(
                    one.completion(),
                    lines,
                    lines.lines().isEmpty() ? "[]" : LogJson.of(lines.lines(), clock),
                    one.completion().outcome() == RunOutcome.SUCCEEDED
                            ? one.run()
                                    .host()
                                    .map(host -> host.state().changes())
                                    .orElse(Map.of())
                            : Map.of(),
                    one.run().host().map(host -> host.audit().entries()).orElse(List.of())));
        }
        Set<UUID> held = records.end(ended);
        for (Finished one : batch) {
            UUID run = one.run().claim().runId();
            inFlight.remove(run);
            if (!held.contains(run)) {
                LOG.warnf("Run %s was fenced: another claim has come since, and what it wrote is dropped", run);
            }
            dispatcher.released(one.run().claim().jobId(), one.completion().finishedAt());
        }
    }

    /** Lines of runs that go on; where they cannot be written now, they are with the run's end. */
    private void writeLines() {
        List<RunInFlight> speaking = new ArrayList<>();
        for (RunInFlight run : inFlight.values()) {
            if (!run.log().isEmpty()) {
                speaking.add(run);
            }
        }
        if (speaking.isEmpty()) {
            return;
        }
        List<RunRecords.Lines> lines = new ArrayList<>();
        for (RunInFlight run : speaking) {
            RunLog.Chunk pending = run.log().pending();
            lines.add(new RunRecords.Lines(run.claim(), pending, LogJson.of(pending.lines(), clock)));
        }
        records.append(lines);
        for (int i = 0; i < speaking.size(); i++) {
            speaking.get(i).log().written(lines.get(i).log());
        }
    }
}

package io.asyncjobs.run.history;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.platform.http.EventStreams;
import io.asyncjobs.platform.problem.UnavailableException;
import io.asyncjobs.schedule.RunEvent;
import io.asyncjobs.schedule.RunListener;
import io.asyncjobs.security.Caller;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Logs followed while their runs go on, whichever node runs them: what is on record is replayed, then what comes is sent
 * as it is put on record, and the stream ends with the run.
 *
 * <p>One virtual thread for each reader. An event's id names a line, so a reader that lost its connection goes on there.
 */
@Singleton
class LiveLogs implements RunListener {

    private static final Logger LOG = Logger.getLogger(LiveLogs.class);
    private static final int MAX_READERS = 200;
    private static final long LOOK_EVERY_MILLIS = 250;
    private static final long KEEP_ALIVE_MILLIS = 10_000;
    private static final Pattern EVENT_ID = Pattern.compile("([0-9]{1,9})\\.([0-9]{1,9})");

    /** The line that comes next: its chunk, and its place in that. */
    private record Place(int chunk, int line) {

        static Place after(@Nullable String lastEventId) {
            Matcher id = EVENT_ID.matcher(lastEventId == null ? "" : lastEventId);
            return id.matches()
                    ? new Place(Integer.parseInt(id.group(1)), Integer.parseInt(id.group(2)) + 1)
                    : new Place(0, 0);
        }
    }

    private final RunHistory history;
    private final ObjectMapper json;
    private final Caller caller;
    private final DatabaseClock clock;
    private final Semaphore readers = new Semaphore(MAX_READERS);
    /** By run: where its readers wait for its end. Only this node's ends are told; those of others are found by looking. */
    private final Map<UUID, CountDownLatch> ends = new ConcurrentHashMap<>();

    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("live-log-", 0).factory());

    LiveLogs(RunHistory history, ObjectMapper json, Caller caller, DatabaseClock clock) {
        this.history = history;
        this.json = json;
        this.caller = caller;
        this.clock = clock;
    }

    /** A reader need not wait for the next look at a run that has ended here. */
    @Override
    public void on(List<? extends RunEvent> events) {
        if (ends.isEmpty()) {
            return;
        }
        for (RunEvent event : events) {
            if (event instanceof RunEvent.Ended ended) {
                @Nullable CountDownLatch waiting = ends.remove(ended.runId());
                if (waiting != null) {
                    waiting.countDown();
                }
            }
        }
    }

    void stop(@Observes ShutdownEvent event) {
        threads.shutdownNow();
    }

    /**
     * Sends the log of that run, after the event of that id if there is one, and closes the sink; returns at once. A stream
     * ends with the reader's token, and says so.
     *
     * @throws UnavailableException when too many read already
     */
    void send(UUID run, @Nullable String lastEventId, SseEventSink sink, Sse sse) {
        if (!readers.tryAcquire()) {
            throw new UnavailableException(
                    "%d logs are followed on this node already; try again in a moment.".formatted(MAX_READERS));
        }
        Instant until = caller.validUntil();
        try {
            EventStreams.begin(sink, sse);
        } catch (CompletionException e) {
            LOG.debugf(e, "A reader of the log of run %s is gone", run);
            readers.release();
            sink.close();
            return;
        }
        threads.execute(() -> {
            CountDownLatch end = ends.computeIfAbsent(run, unused -> new CountDownLatch(1));
            try (sink) {
                follow(run, end, Place.after(lastEventId), until, sink, sse);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (CompletionException e) {
                LOG.debugf(e, "A reader of the log of run %s is gone", run);
            } catch (RuntimeException | JsonProcessingException e) {
                LOG.errorf(e, "The log of run %s cannot be followed", run);
            } finally {
                // Another reader of the run then finds its end by looking
                ends.remove(run, end);
                readers.release();
            }
        });
    }

    private void follow(UUID run, CountDownLatch end, Place from, Instant until, SseEventSink sink, Sse sse)
            throws InterruptedException, JsonProcessingException {
        LogLines lines = new LogLines(history, json, run, from.chunk(), from.line());
        long sent = System.nanoTime();
        while (!sink.isClosed()) {
            if (!clock.now().isBefore(until)) {
                EventStreams.sayExpired(sink, sse);
                return;
            }
            // Looked at before the log: a run that has ended by then has all its lines on record
            boolean goesOn = history.goesOn(run);
            for (LogLines.Line line = lines.next(); line != null; line = lines.next()) {
                EventStreams.send(
                        sse.newEventBuilder()
                                .id(line.chunk() + "." + line.number())
                                .name("line")
                                .data(line.content().toString())
                                .build(),
                        sink);
                sent = System.nanoTime();
            }
            if (!goesOn) {
                EventStreams.send(
                        sse.newEventBuilder()
                                .name("end")
                                .data(json.writeValueAsString(history.find(run).orElse(null)))
                                .build(),
                        sink);
                return;
            }
            if (System.nanoTime() - sent > TimeUnit.MILLISECONDS.toNanos(KEEP_ALIVE_MILLIS)) {
                EventStreams.send(
                        sse.newEventBuilder().comment("the run goes on").build(), sink);
                sent = System.nanoTime();
            }
            awaitNextLook(end);
        }
    }

    private static void awaitNextLook(CountDownLatch end) throws InterruptedException {
        if (end.getCount() > 0) {
            var unused = end.await(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
        } else {
            // The end was told, but the database does not show it yet
            TimeUnit.MILLISECONDS.sleep(LOOK_EVERY_MILLIS);
        }
    }
}

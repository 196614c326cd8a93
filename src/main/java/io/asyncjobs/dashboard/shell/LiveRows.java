package io.asyncjobs.dashboard.shell;

import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.platform.http.EventStreams;
import io.asyncjobs.platform.problem.UnavailableException;
import io.asyncjobs.platform.problem.UnknownException;
import io.asyncjobs.security.Caller;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Lists that stay true while they are looked at: every two seconds the rows are made anew, and those that differ are sent.
 *
 * <p>One virtual thread for each reader. A stream ends with the reader's token.
 */
@Singleton
public class LiveRows {

    private static final Logger LOG = Logger.getLogger(LiveRows.class);
    private static final int MAX_READERS = 100;
    private static final long EVERY_MILLIS = 2_000;
    /** So that a connection that is gone is noticed. */
    private static final int QUIET_ROUNDS = 5;

    private final Caller caller;
    private final DatabaseClock clock;
    private final Semaphore readers = new Semaphore(MAX_READERS);
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("live-rows-", 0).factory());

    LiveRows(Caller caller, DatabaseClock clock) {
        this.caller = caller;
        this.clock = clock;
    }

    void stop(@Observes ShutdownEvent event) {
        threads.shutdownNow();
    }

    /**
     * Sends the rows whose HTML changes, and closes the sink; returns at once.
     *
     * @param rows gives the HTML of each row by its id
     * @param seen the hash of what the reader's page was made of, or null: where they differ by now, all rows are sent first
     * @throws UnavailableException when too many look already
     */
    public void send(Supplier<Map<String, String>> rows, @Nullable Integer seen, SseEventSink sink, Sse sse) {
        if (!readers.tryAcquire()) {
            throw new UnavailableException(
                    "%d lists are followed on this node already; reload the page instead.".formatted(MAX_READERS));
        }
        Instant until = caller.validUntil();
        try {
            EventStreams.begin(sink, sse);
        } catch (CompletionException e) {
            LOG.debug("A reader of a list is gone", e);
            readers.release();
            sink.close();
            return;
        }
        threads.execute(() -> {
            try (sink) {
                follow(rows, seen, until, sink, sse);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (CompletionException e) {
                LOG.debug("A reader of a list is gone", e);
            } catch (UnknownException e) {
                LOG.debug("What the list is of is gone", e);
            } catch (RuntimeException e) {
                LOG.error("A list cannot be followed", e);
            } finally {
                readers.release();
            }
        });
    }

    private void follow(
            Supplier<Map<String, String>> rows, @Nullable Integer seen, Instant until, SseEventSink sink, Sse sse)
            throws InterruptedException {
        Map<String, String> now = rows.get();
        // Rows by their hashes: a reader holds no page between two looks
        Map<String, Integer> sent = new HashMap<>();
        now.forEach((id, html) -> sent.put(id, html.hashCode()));
        if (seen != null && seen != now.hashCode()) {
            now.forEach(
                    (id, html) -> send(sse.newEventBuilder().name("row").id(id).data(html), sink));
        } else {
            send(sse.newEventBuilder().comment("as seen"), sink);
        }
        now = Map.of();
        int quiet = 0;
        while (!sink.isClosed()) {
            long left = Duration.between(clock.now(), until).toMillis();
            TimeUnit.MILLISECONDS.sleep(Math.clamp(left, 0, EVERY_MILLIS));
            if (!clock.now().isBefore(until)) {
                EventStreams.sayExpired(sink, sse);
                return;
            }
            quiet++;
            for (Map.Entry<String, String> row : rows.get().entrySet()) {
                int hash = row.getValue().hashCode();
                if (!Objects.equals(sent.put(row.getKey(), hash), hash)) {
                    send(sse.newEventBuilder().name("row").id(row.getKey()).data(row.getValue()), sink);
                    quiet = 0;
                }
            }
            if (quiet >= QUIET_ROUNDS) {
                send(sse.newEventBuilder().comment("nothing new"), sink);
                quiet = 0;
            }
        }
    }

    private static void send(OutboundSseEvent.Builder event, SseEventSink sink) {
        EventStreams.send(event.build(), sink);
    }
}

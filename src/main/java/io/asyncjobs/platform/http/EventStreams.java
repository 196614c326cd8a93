package io.asyncjobs.platform.http;

import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;
import java.util.concurrent.CompletionException;

/** Answers that are streams of server-sent events. */
public final class EventStreams {

    private EventStreams() {}

    /**
     * Begins the answer. To be called by the request's own thread before another one sends: Quarkus begins the answer as well
     * when that thread returns, and fails where another thread does so at the same moment.
     *
     * @throws CompletionException when the reader is gone
     */
    public static void begin(SseEventSink sink, Sse sse) {
        send(sse.newEventBuilder().comment("begins").build(), sink);
    }

    /** Says as the last event that the stream ends because the reader's token does: {@code token-expired}. */
    public static void sayExpired(SseEventSink sink, Sse sse) {
        send(
                sse.newEventBuilder()
                        .name("token-expired")
                        .data("The token has expired; come back with a new one.")
                        .build(),
                sink);
    }

    /**
     * Waits until the event is on its way, so that a slow reader holds up nobody but itself.
     *
     * @throws CompletionException when the reader is gone
     */
    public static void send(OutboundSseEvent event, SseEventSink sink) {
        try {
            sink.send(event).toCompletableFuture().join();
        } catch (IllegalStateException e) {
            // Closed since it was looked at
            throw new CompletionException(e);
        }
    }
}

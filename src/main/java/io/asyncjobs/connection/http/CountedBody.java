package io.asyncjobs.connection.http;

import io.asyncjobs.platform.memory.ByteBudget;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of an answer: each piece is counted before the next one is asked for, so that what finds no room stays
 * with its sender. Blocks the client's thread while it waits, which is a virtual one of this exchange alone.
 */
final class CountedBody implements HttpResponse.BodySubscriber<CountedBody> {

    /** What a byte of an answer costs until it is on its way to the worker: bytes, text, JSON and the copies between. */
    private static final int WEIGHT = 5;

    private static final int FIRST_BYTES = 1024;

    /** The body is larger than the connection allows. */
    static final class TooLargeException extends IOException {

        private static final long serialVersionUID = 1;
    }

    private final int maxBytes;
    private final ByteBudget.Hold memory;
    private final long deadlineNanoTime;
    private final CompletableFuture<CountedBody> body = new CompletableFuture<>();

    // The client calls one method after the other
    private Flow.@Nullable Subscription subscription;
    private byte[] bytes;
    private int length;

    private CountedBody(HttpHeaders headers, int maxBytes, ByteBudget.Hold memory, long deadlineNanoTime) {
        this.maxBytes = maxBytes;
        this.memory = memory;
        this.deadlineNanoTime = deadlineNanoTime;
        this.bytes = new byte
                [(int) Math.clamp(headers.firstValueAsLong("content-length").orElse(0), 0, FIRST_BYTES)];
    }

    static HttpResponse.BodyHandler<CountedBody> handler(int maxBytes, ByteBudget.Hold memory, long deadlineNanoTime) {
        return head -> new CountedBody(head.headers(), maxBytes, memory, deadlineNanoTime);
    }

    /** The whole body, once: the client keeps its last answer with the connection, and is not to keep the bytes. */
    byte[] take() {
        byte[] whole = length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
        bytes = new byte[0];
        length = 0;
        return whole;
    }

    @Override
    public CompletionStage<CountedBody> getBody() {
        return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        given.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> pieces) {
        long more = 0;
        for (ByteBuffer piece : pieces) {
            more += piece.remaining();
        }
        Flow.Subscription from = subscription;
        if (from == null || body.isDone()) {
            return;
        }
        if (length + more > maxBytes) {
            fail(from, new TooLargeException());
            return;
        }
        try {
            if (!memory.take(WEIGHT * more, deadlineNanoTime)) {
                fail(from, new IOException("There was no room for the answer in time"));
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail(from, new IOException("interrupted", e));
            return;
        }
        int end = (int) (length + more);
        if (end > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.min(maxBytes, Math.max(end, 2 * bytes.length)));
        }
        for (ByteBuffer piece : pieces) {
            int count = piece.remaining();
            piece.get(bytes, length, count);
            length += count;
        }
        from.request(1);
    }

    @Override
    public void onError(Throwable failure) {
        body.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        body.complete(this);
    }

    private void fail(Flow.Subscription from, IOException why) {
        bytes = new byte[0];
        from.cancel();
        body.completeExceptionally(why);
    }
}

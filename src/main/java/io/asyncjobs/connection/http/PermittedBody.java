package io.asyncjobs.connection.http;

import java.net.http.HttpRequest.BodyPublisher;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow.Subscriber;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A request's body that is sent only with permission, which is asked when the connection takes it. Between a look before the
 * call and that moment lie a connection to be made and threads to be waited for, in which a node may be frozen; a server that
 * gets no whole body does nothing.
 */
final class PermittedBody implements BodyPublisher {

    private final byte[] body;
    private final Runnable permission;
    private volatile @Nullable RuntimeException refusal;

    /** @param permission what it throws ends the request */
    PermittedBody(byte[] body, Runnable permission) {
        this.body = body;
        this.permission = permission;
    }

    /** What the permission threw, if it did: the client tells of it as of a broken connection. */
    @Nullable
    RuntimeException refusal() {
        return refusal;
    }

    @Override
    public long contentLength() {
        return body.length;
    }

    @Override
    public void subscribe(Subscriber<? super ByteBuffer> connection) {
        AtomicBoolean over = new AtomicBoolean();
        connection.onSubscribe(new Subscription() {
            @Override
            public void request(long count) {
                if (!over.compareAndSet(false, true)) {
                    return;
                }
                try {
                    permission.run();
                } catch (RuntimeException e) {
                    refusal = e;
                    connection.onError(e);
                    return;
                }
                if (body.length > 0) {
                    connection.onNext(ByteBuffer.wrap(body));
                }
                connection.onComplete();
            }

            @Override
            public void cancel() {
                over.set(true);
            }
        });
    }
}

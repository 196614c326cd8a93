package io.asyncjobs.platform.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One client's connection: whether a request is under way on it, since when not, and how much of its answers the client has
 * not taken yet. Stands before everything else in the connection's pipeline, so that it sees each byte.
 *
 * <p>The pipeline calls from the connection's own thread, everybody else from any.
 */
final class ClientConnection extends ChannelDuplexHandler {

    /** Of an answer, a client takes so many bytes a second at least. */
    private static final int LEAST_RATE = 1_024;

    private static final String TOO_SLOW =
            "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

    private final Channel channel;
    private final AtomicInteger requests = new AtomicInteger();
    private volatile long since = System.nanoTime();
    private volatile boolean headBegan;
    private volatile long written;

    // By the sweep alone
    private long pendingSince;
    private long takenThen;

    ClientConnection(Channel channel) {
        this.channel = channel;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (requests.get() == 0 && !headBegan) {
            headBegan = true;
            since = System.nanoTime();
        }
        context.fireChannelRead(message);
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // Written by the connection's thread alone
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message instanceof ByteBuf bytes) {
            written += bytes.readableBytes();
        }
        context.write(message, promise);
    }

    /** The head of a request has been read. */
    void requestBegan() {
        requests.incrementAndGet();
        headBegan = false;
    }

    /** Its answer has been given, or never will be. */
    void requestEnded() {
        since = System.nanoTime();
        requests.decrementAndGet();
    }

    /** Whether no request is under way. */
    boolean isFree() {
        return requests.get() == 0;
    }

    /** When the last request ended, or that began what has been read of the next one. */
    long since() {
        return since;
    }

    /** Bytes of answers that the client has not taken. */
    long pending() {
        ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
        return out == null ? 0 : out.totalPendingWriteBytes();
    }

    /** Whether the client takes longer than it may to send the head of a request. */
    boolean isSlowHead(long now, Duration most) {
        return isFree() && headBegan && now - since > most.toNanos();
    }

    /** Whether it has been open for too long without a request. */
    boolean isIdle(long now, Duration most) {
        return isFree() && pending() == 0 && now - since > most.toNanos();
    }

    /** Whether the client took next to nothing of an answer for so long; to be called now and then. */
    boolean isSlowReader(long now, Duration most) {
        long pending = pending();
        if (pending == 0) {
            pendingSince = 0;
            return false;
        }
        long taken = written - pending;
        if (pendingSince == 0 || taken - takenThen > LEAST_RATE * most.toSeconds()) {
            pendingSince = now;
            takenThen = taken;
        }
        return now - pendingSince > most.toNanos();
    }

    /** Since when bytes of answers have been waiting for the client, without many being taken; 0 where none are. */
    long pendingSince() {
        return pendingSince;
    }

    /** Tells the client that its request took too long to arrive, and closes. */
    void refuseSlowHead() {
        ChannelHandlerContext self = channel.pipeline().context(this);
        if (self == null) {
            channel.close();
        } else {
            self.writeAndFlush(Unpooled.copiedBuffer(TOO_SLOW, StandardCharsets.US_ASCII))
                    .addListener(ChannelFutureListener.CLOSE);
        }
    }

    void close() {
        channel.close();
    }
}

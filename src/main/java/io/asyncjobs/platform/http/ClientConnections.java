package io.asyncjobs.platform.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.quarkus.vertx.http.HttpServer;
import io.quarkus.vertx.http.HttpServerStart;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import jakarta.enterprise.event.ObservesAsync;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * All connections of clients. Bounds their number, the time that heads of requests may take, and the bytes of answers that
 * wait for slow clients; a newcomer is let in at the cost of whoever has asked for nothing for the longest, so that health
 * can be asked for whatever others do.
 *
 * <p>Neither Quarkus nor Vert.x tells of a connection before its first request's head is read. So each accepted connection is
 * met where Netty hands it over, in the pipeline of the listening one; that is found through the first request, which the
 * service sends itself.
 */
@Singleton
class ClientConnections {

    private static final Logger LOG = Logger.getLogger(ClientConnections.class);
    private static final long LOOK_EVERY_MILLIS = 1_000;
    private static final long FAIR_NANOS = Duration.ofSeconds(1).toNanos();
    private static final int FIRST_REQUEST_MILLIS = 5_000;

    private final HttpConfig limits;
    private final Vertx vertx;
    private final HttpServer server;
    private final Set<ClientConnection> open = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean looking = new AtomicBoolean();
    private volatile long heldAnswers;

    ClientConnections(HttpConfig limits, Vertx vertx, HttpServer server) {
        this.limits = limits;
        this.vertx = vertx;
        this.server = server;
    }

    /** The service's own request, by which the listening connection is found before any client is there. */
    void meet(@ObservesAsync HttpServerStart start) {
        InetAddress any = new InetSocketAddress(start.options().getHost(), 0).getAddress();
        InetAddress host = any == null || any.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : any;
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(FIRST_REQUEST_MILLIS);
            socket.connect(new InetSocketAddress(host, server.getPort()), FIRST_REQUEST_MILLIS);
            socket.getOutputStream()
                    .write("GET /q/health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            socket.getInputStream().readAllBytes();
        } catch (IOException e) {
            LOG.debug("Connections are bounded from the first request on", e);
        }
    }

    /** A request's head has been read; the answer's end is to be told to what is returned. */
    Optional<ClientConnection> began(HttpServerRequest request) {
        if (!(request.connection() instanceof ConnectionBase connection)) {
            return Optional.empty();
        }
        Channel channel = connection.channel();
        ClientConnection client = channel.pipeline().get(ClientConnection.class);
        if (client == null) {
            meetOthersOf(channel.parent());
            client = add(channel);
        }
        client.requestBegan();
        return Optional.of(client);
    }

    /** Whether more bytes of answers wait for slow clients than the node has room for. */
    boolean holdTooMuch() {
        return heldAnswers > limits.maxAnswerBytesHeld();
    }

    private synchronized void meetOthersOf(Channel listening) {
        if (listening != null && listening.pipeline().get(Doorman.class) == null) {
            listening.pipeline().addFirst(new Doorman());
        }
    }

    private ClientConnection add(Channel channel) {
        ClientConnection client = new ClientConnection(channel);
        channel.pipeline().addFirst(client);
        open.add(client);
        channel.closeFuture().addListener(closed -> open.remove(client));
        beginToLook();
        return client;
    }

    private void beginToLook() {
        if (looking.compareAndSet(false, true)) {
            vertx.setPeriodic(LOOK_EVERY_MILLIS, this::look);
        }
    }

    /**
     * Makes room for one more; false where there is none. Whoever has just come has a second to ask for something: for that long
     * there may be twice as many, so that a crowd that comes at once takes the place of nobody, health checks least of all.
     */
    private boolean makeRoom() {
        return open.size() < limits.maxConnections() || closeLongest() || open.size() < 2 * limits.maxConnections();
    }

    /** Closes the connection that has been without a request for the longest, and for a second at least; false without one. */
    private boolean closeLongest() {
        long now = System.nanoTime();
        Optional<ClientConnection> longest = open.stream()
                .filter(client -> client.isFree() && now - client.since() > FAIR_NANOS)
                .min(Comparator.comparingLong(ClientConnection::since));
        longest.ifPresent(client -> {
            open.remove(client);
            client.close();
        });
        return longest.isPresent();
    }

    private void look(long timer) {
        long now = System.nanoTime();
        long held = 0;
        for (ClientConnection client : open) {
            if (client.isSlowHead(now, limits.headTimeout())) {
                client.refuseSlowHead();
            } else if (client.isIdle(now, limits.idleTimeout()) || client.isSlowReader(now, limits.answerTimeout())) {
                client.close();
            } else {
                held += client.pending();
            }
        }
        while (held > limits.maxAnswerBytesHeld()) {
            Optional<ClientConnection> slowest = open.stream()
                    .filter(client -> client.pendingSince() != 0)
                    .min(Comparator.comparingLong(ClientConnection::pendingSince));
            if (slowest.isEmpty()) {
                break;
            }
            held -= slowest.get().pending();
            open.remove(slowest.get());
            slowest.get().close();
        }
        heldAnswers = held;
        while (open.size() > limits.maxConnections() && closeLongest()) {
            LOG.debug("A connection without a request makes room");
        }
        if (open.isEmpty()) {
            // A node that nobody talks to is not woken
            vertx.cancelTimer(timer);
            looking.set(false);
            if (!open.isEmpty()) {
                beginToLook();
            }
        }
    }

    /** Meets each connection that is accepted. */
    @ChannelHandler.Sharable
    private final class Doorman extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext context, Object accepted) {
            if (accepted instanceof Channel channel) {
                if (!makeRoom()) {
                    channel.unsafe().closeForcibly();
                    return;
                }
                add(channel);
            }
            context.fireChannelRead(accepted);
        }
    }
}

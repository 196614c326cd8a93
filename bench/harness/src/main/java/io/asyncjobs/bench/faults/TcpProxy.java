package io.asyncjobs.bench.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Stands between a node and its database, and hands on what it is given: whole, late, or not at all. */
final class TcpProxy implements AutoCloseable {

    private static final int BUFFER = 1 << 14;
    private static final double ANSWERS_LOST = 0.1;

    /** After so long PostgreSQL ends a session whose client is gone, by the keepalive that the service sets. */
    private static final long KEEPALIVE_MILLIS = 25_000;

    private enum Mode {
        PASS,
        DELAY,
        DROP,
        LOSE_ANSWERS
    }

    private final ServerSocket listening;
    private final int target;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final Object gate = new Object();
    private final Random random;
    private volatile Mode mode = Mode.PASS;
    private volatile int delayMillis;
    private volatile boolean closed;

    TcpProxy(int target, long seed) throws IOException {
        this.target = target;
        this.random = new Random(seed);
        this.listening = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().name("proxy-accept").start(this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    /** From now on each piece is late by so much, in either direction. */
    void delay(int millis) {
        delayMillis = millis;
        become(Mode.DELAY);
    }

    /** From now on nothing passes, without a word to either side. */
    void drop() {
        become(Mode.DROP);
    }

    /** From now on some requests reach the server and their answers do not come back: the connection is cut instead. */
    void loseAnswers() {
        become(Mode.LOSE_ANSWERS);
    }

    void pass() {
        become(Mode.PASS);
    }

    /**
     * What is open now stays open and silent for ever, as behind a firewall that has forgotten it. The server's side ends when
     * its keepalive has noticed, which the proxy's own connection would answer.
     */
    void forget() {
        List<Link> forgotten = List.copyOf(links);
        forgotten.forEach(Link::forget);
        Thread.ofVirtual().name("proxy-keepalive").start(() -> {
            try {
                Thread.sleep(KEEPALIVE_MILLIS);
                forgotten.forEach(Link::endServerSide);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /** Resets all connections. */
    void cut() {
        links.forEach(Link::cut);
    }

    @Override
    public void close() throws IOException {
        closed = true;
        listening.close();
        become(Mode.PASS);
        cut();
    }

    private void become(Mode wanted) {
        synchronized (gate) {
            mode = wanted;
            gate.notifyAll();
        }
    }

    private boolean losesAnswer() {
        synchronized (random) {
            return random.nextDouble() < ANSWERS_LOST;
        }
    }

    private void awaitPassage(Link link) throws InterruptedException {
        if (mode == Mode.DELAY) {
            Thread.sleep(delayMillis);
        }
        if (mode == Mode.DROP || link.forgotten) {
            synchronized (gate) {
                while ((mode == Mode.DROP || link.forgotten) && !closed && !link.cut) {
                    gate.wait();
                }
            }
        }
    }

    private void accept() {
        while (!closed) {
            try {
                Socket client = listening.accept();
                Thread.ofVirtual().name("proxy-connect").start(() -> connect(client));
            } catch (IOException e) {
                if (!closed) {
                    continue;
                }
            }
        }
    }

    private void connect(Socket client) {
        Socket server = new Socket();
        try {
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target), 5_000);
        } catch (IOException e) {
            reset(client);
            reset(server);
            return;
        }
        Link link = new Link(client, server);
        links.add(link);
        Thread.ofVirtual().name("proxy-to-server").start(link::requests);
        Thread.ofVirtual().name("proxy-to-client").start(link::answers);
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            // It is closed already, and then there is nothing to reset
        }
        try {
            socket.close();
        } catch (IOException e) {
            // As above
        }
    }

    /** One connection through the proxy. */
    private final class Link {

        private final Socket client;
        private final Socket server;
        private volatile boolean forgotten;
        private volatile boolean cut;
        private volatile boolean answerLost;
        private volatile int requests;

        Link(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void forget() {
            forgotten = true;
        }

        void endServerSide() {
            reset(server);
        }

        void cut() {
            cut = true;
            links.remove(this);
            reset(client);
            reset(server);
            synchronized (gate) {
                gate.notifyAll();
            }
        }

        void requests() {
            hand(client, server, true);
        }

        void answers() {
            hand(server, client, false);
        }

        private void hand(Socket from, Socket to, boolean request) {
            byte[] buffer = new byte[BUFFER];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    awaitPassage(this);
                    if (request) {
                        requests++;
                        // Signing in takes some: a connection that was never there loses nothing
                        if (mode == Mode.LOSE_ANSWERS && requests > 5 && losesAnswer()) {
                            answerLost = true;
                        }
                    } else if (answerLost) {
                        // The server has done what it was asked for
                        break;
                    }
                    out.write(buffer, 0, read);
                }
                if (!answerLost && !cut) {
                    // Ends in order are handed on
                    to.shutdownOutput();
                    if (!request) {
                        cut();
                    }
                    return;
                }
            } catch (IOException e) {
                if (forgotten && !request) {
                    // The client hears nothing of it
                    return;
                }
                // One side is gone, so the other goes too
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            cut();
        }
    }
}

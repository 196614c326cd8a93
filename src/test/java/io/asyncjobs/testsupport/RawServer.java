package io.asyncjobs.testsupport;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A server on a free port of this machine that reads an HTTP request and answers with whatever bytes a test wants, in
 * whatever pace.
 */
public final class RawServer implements AutoCloseable {

    /** What a test does with one request; the socket is closed after it. */
    @FunctionalInterface
    public interface Answer {

        void to(Request request, OutputStream out) throws IOException, InterruptedException;
    }

    /** A request as it came: the first line, the headers in lower case, and the body. */
    public record Request(String line, List<String> headers, String body) {

        public Request {
            headers = List.copyOf(headers);
        }

        public boolean has(String header) {
            return headers.stream().anyMatch(line -> line.equalsIgnoreCase(header));
        }

        public boolean names(String header) {
            return headers.stream().anyMatch(line -> line.startsWith(header.toLowerCase(Locale.ROOT) + ":"));
        }
    }

    private final ServerSocket server;
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final CountDownLatch hungUp = new CountDownLatch(1);

    private RawServer(ServerSocket server) {
        this.server = server;
    }

    public static RawServer start(Answer answer) throws IOException {
        RawServer started = new RawServer(new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1")));
        Thread.ofVirtual().start(() -> started.accept(answer));
        return started;
    }

    /** Answers every request with the same bytes. */
    public static RawServer answering(String bytes) throws IOException {
        return start((request, out) -> out.write(bytes.getBytes(StandardCharsets.ISO_8859_1)));
    }

    public String url() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    public List<Request> requests() {
        return List.copyOf(requests);
    }

    /** Whether a client closed its end while it was being answered. */
    public boolean wasHungUpOnWithin(int seconds) throws InterruptedException {
        return hungUp.await(seconds, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    private void accept(Answer answer) {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread.ofVirtual().start(() -> serve(socket, answer));
            } catch (IOException e) {
                if (!server.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private void serve(Socket socket, Answer answer) {
        try (socket) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            Request request = read(in);
            requests.add(request);
            // Whoever goes away is noticed here, even while nothing is written
            Thread.ofVirtual().start(() -> {
                try {
                    if (in.read() < 0) {
                        hungUp.countDown();
                    }
                } catch (IOException e) {
                    hungUp.countDown();
                }
            });
            answer.to(request, socket.getOutputStream());
            socket.getOutputStream().flush();
        } catch (SocketException | EOFException e) {
            hungUp.countDown();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Request read(BufferedReader in) throws IOException {
        String first = String.valueOf(in.readLine());
        List<String> headers = new ArrayList<>();
        int length = 0;
        for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
            int colon = line.indexOf(':');
            if (colon < 0) {
                throw new EOFException("The head was not sent whole");
            }
            headers.add(line.substring(0, colon).toLowerCase(Locale.ROOT) + line.substring(colon));
            if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                length = Integer.parseInt(line.substring(colon + 1).strip());
            }
        }
        StringBuilder body = new StringBuilder();
        while (body.toString().getBytes(StandardCharsets.UTF_8).length < length) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("The body was not sent whole");
            }
            body.append((char) next);
        }
        return new Request(first, headers, body.toString());
    }
}

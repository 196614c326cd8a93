package io.asyncjobs.bench.faults;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/**
 * The world outside: scripts tell it when they begin and end, and it notes when it heard so.
 *
 * <p>One thread takes all requests in the order in which they arrive, so that this order means something.
 */
final class Recorder implements AutoCloseable {

    private static final byte[] ANSWER = "{}".getBytes(StandardCharsets.US_ASCII);

    private final HttpServer server;
    private final long origin;
    private final List<Report> reports = new ArrayList<>();
    private final Map<String, String> names = new HashMap<>();

    /** {@code origin} is the {@link System#nanoTime} from which times are counted. */
    Recorder(long origin) throws IOException {
        this.origin = origin;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1_000);
        server.createContext("/", this::take);
        server.start();
    }

    String baseUrl() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** All that was told so far. */
    List<Report> reports() {
        synchronized (reports) {
            return List.copyOf(reports);
        }
    }

    int count() {
        synchronized (reports) {
            return reports.size();
        }
    }

    /** When each job began its first run after that time, as far as it was told. */
    Map<String, Long> firstStartsAfter(long since) {
        Map<String, Long> first = new HashMap<>();
        synchronized (reports) {
            for (int i = reports.size() - 1; i >= 0 && reports.get(i).at() > since; i--) {
                if (reports.get(i).what() == Report.What.START) {
                    first.put(reports.get(i).job(), reports.get(i).at());
                }
            }
        }
        return first;
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void take(HttpExchange exchange) throws IOException {
        long at = System.nanoTime() - origin;
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            Map<String, String> given = query(exchange.getRequestURI().getRawQuery());
            String job = given.getOrDefault("job", "");
            String run = given.getOrDefault("run", "");
            String what = given.getOrDefault("what", "");
            if (!run.isEmpty()) {
                synchronized (reports) {
                    String name = names.computeIfAbsent(job, same -> same);
                    Report report = new Report(
                            at,
                            name,
                            UUID.fromString(run),
                            Report.What.valueOf(what.toUpperCase(Locale.ROOT)),
                            "POST".equals(exchange.getRequestMethod()),
                            Long.parseLong(given.getOrDefault("value", "-1")));
                    reports.add(report);
                }
            }
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, ANSWER.length);
            exchange.getResponseBody().write(ANSWER);
        } catch (IllegalArgumentException e) {
            exchange.sendResponseHeaders(400, -1);
        }
    }

    private static Map<String, String> query(@org.jspecify.annotations.Nullable String raw) {
        Map<String, String> values = new HashMap<>();
        if (raw != null) {
            for (String part : raw.split("&", -1)) {
                int equals = part.indexOf('=');
                if (equals > 0) {
                    values.put(
                            part.substring(0, equals),
                            URLDecoder.decode(part.substring(equals + 1), StandardCharsets.UTF_8));
                }
            }
        }
        return values;
    }
}

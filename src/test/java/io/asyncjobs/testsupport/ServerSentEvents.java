package io.asyncjobs.testsupport;

import io.restassured.RestAssured;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A stream of events, read as a browser does. */
public final class ServerSentEvents implements AutoCloseable {

    /** One event; a comment is none. */
    public record Event(String name, @Nullable String id, String data) {}

    private final HttpClient client;
    private final BufferedReader lines;

    private ServerSentEvents(HttpClient client, InputStream body) {
        this.client = client;
        this.lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
    }

    /** Opens the stream at that path of the service under test, as a superadmin, behind an event if one is given. */
    public static ServerSentEvents open(String path, @Nullable String lastEventId)
            throws IOException, InterruptedException {
        return open(path, lastEventId, Tokens.superadmin("alice"));
    }

    /** As {@link #open(String, String)}, with that token. */
    public static ServerSentEvents open(String path, @Nullable String lastEventId, String token)
            throws IOException, InterruptedException {
        HttpClient client = HttpClient.newHttpClient();
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + RestAssured.port + path))
                .header("Authorization", "Bearer " + token)
                .header("Accept", "text/event-stream");
        if (lastEventId != null) {
            request.header("Last-Event-ID", lastEventId);
        }
        HttpResponse<InputStream> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        if (answer.statusCode() != 200) {
            throw new IOException("Status " + answer.statusCode());
        }
        return new ServerSentEvents(client, answer.body());
    }

    /** The next event of that name; others are passed over. */
    public Event await(String name, Duration patience)
            throws InterruptedException, ExecutionException, TimeoutException {
        FutureTask<Event> reading = new FutureTask<>(() -> {
            while (true) {
                Event event = next();
                if (event == null) {
                    throw new IOException("The stream ended without " + name);
                }
                if (event.name().equals(name)) {
                    return event;
                }
            }
        });
        Thread.ofVirtual().start(reading);
        return reading.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** All events until the service closes the stream. */
    public List<Event> untilEnd(Duration patience) throws InterruptedException, ExecutionException, TimeoutException {
        FutureTask<List<Event>> reading = new FutureTask<>(this::read);
        Thread.ofVirtual().start(reading);
        return reading.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    private List<Event> read() throws IOException {
        List<Event> events = new ArrayList<>();
        for (Event event = next(); event != null; event = next()) {
            events.add(event);
        }
        return events;
    }

    private @Nullable Event next() throws IOException {
        String name = "message";
        String id = null;
        StringBuilder data = new StringBuilder();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.isEmpty()) {
                if (!data.isEmpty()) {
                    return new Event(name, id, data.toString());
                }
                name = "message";
                id = null;
            } else if (line.startsWith("event:")) {
                name = line.substring(6).strip();
            } else if (line.startsWith("id:")) {
                id = line.substring(3).strip();
            } else if (line.startsWith("data:")) {
                data.append(line.substring(5).strip());
            }
        }
        return null;
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}

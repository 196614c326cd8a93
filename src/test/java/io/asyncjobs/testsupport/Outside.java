package io.asyncjobs.testsupport;

import static io.asyncjobs.testsupport.Api.api;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import io.restassured.response.Response;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** What scripts reach in tests: an HTTP service that answers what it is told to, and a PostgreSQL database. */
public final class Outside implements AutoCloseable {

    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final Map<String, Headers> headers = new ConcurrentHashMap<>();
    private final HttpServer server;
    private final ForeignDatabase database;

    private record Answer(String contentType, byte[] body, Map<String, String> headers) {

        static Answer ofJson(String json) {
            return new Answer("application/json", json.getBytes(StandardCharsets.UTF_8), Map.of());
        }
    }

    public Outside() throws IOException, InterruptedException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            String request = exchange.getRequestMethod() + " " + exchange.getRequestURI();
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            asked.add(body.isEmpty() ? request : request + " " + body);
            headers.put(request, exchange.getRequestHeaders());
            Answer answer = answers.getOrDefault(request, Answer.ofJson("{}"));
            exchange.getResponseHeaders().set("Content-Type", answer.contentType());
            answer.headers().forEach(exchange.getResponseHeaders()::set);
            exchange.sendResponseHeaders(200, answer.body().length);
            exchange.getResponseBody().write(answer.body());
            exchange.close();
        });
        server.start();
        database = ForeignDatabase.ofThisJvm();
    }

    /** From now on that request, like {@code GET /queries}, is answered with that JSON; any other with an empty object. */
    public Outside answering(String request, String json) {
        answers.put(request, Answer.ofJson(json));
        return this;
    }

    /** As {@link #answering(String, String)}, with a body of any kind and further headers. */
    public Outside answering(String request, String contentType, byte[] body, Map<String, String> headers) {
        answers.put(request, new Answer(contentType, body, headers));
        return this;
    }

    /** That header of the last request of that kind; null if it had none. */
    public @Nullable String header(String request, String name) {
        Headers last = headers.get(request);
        return last == null ? null : last.getFirst(name);
    }

    /** The requests so far, each with its body. */
    public List<String> asked() {
        return List.copyOf(asked);
    }

    /** Configures a connection of that name to the HTTP service. */
    public void connectHttp(String name) {
        connect(name, Map.of("http", Map.of("baseUrl", baseUrl())));
    }

    /** The address of the HTTP service. */
    public String baseUrl() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Configures a connection of that name to the database. */
    public void connectSql(String name) {
        connect(name, Map.of("postgresql", database.section(), "secret", database.password()));
    }

    /** Configures a connection of that name. */
    public static void connect(String name, Map<String, Object> draft) {
        Response created = api().body(draft).put("/connections/{name}", name);
        if (created.statusCode() != 201) {
            // There from another test
            api().header("If-Match", "*")
                    .body(draft)
                    .put("/connections/{name}", name)
                    .then()
                    .statusCode(200);
        }
    }

    public void execute(String... statements) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            for (String text : statements) {
                statement.execute(text);
            }
        }
    }

    /** The rows of a query, each as its values joined by spaces. */
    public List<String> rows(String query) throws SQLException {
        List<String> found = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                List<String> values = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    values.add(String.valueOf(rows.getString(i)));
                }
                found.add(String.join(" ", values));
            }
        }
        return found;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}

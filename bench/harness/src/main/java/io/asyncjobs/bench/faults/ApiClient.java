package io.asyncjobs.bench.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Calls to the API of a node, each of which may get no answer. */
final class ApiClient implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(8);

    /**
     * What came back.
     *
     * @param status 0 where there was no answer
     */
    record Answer(int status, String body, String etag) {

        static final Answer NONE = new Answer(0, "", "");

        boolean isSuccess() {
            return status >= 200 && status < 300;
        }

        /** Whether it says for sure that nothing was changed. */
        boolean isRefusal() {
            return status >= 400 && status < 500;
        }

        JsonNode json() throws IOException {
            return JSON.readTree(body.isEmpty() ? "null" : body);
        }
    }

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();
    private final String token;

    ApiClient(String token) {
        this.token = token;
    }

    Answer get(URI node, String path) throws InterruptedException {
        return send(node, "GET", path, null, null);
    }

    Answer post(URI node, String path, Map<String, ?> body) throws InterruptedException {
        return send(node, "POST", path, body, null);
    }

    /** {@code etag} is what the change rests on. */
    Answer send(URI node, String method, String path, @Nullable Map<String, ?> body, @Nullable String etag)
            throws InterruptedException {
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(node.resolve(path))
                    .timeout(PATIENCE)
                    .header("Authorization", "Bearer " + token)
                    .method(
                            method,
                            body == null
                                    ? HttpRequest.BodyPublishers.noBody()
                                    : HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)));
            if (body != null) {
                request.header("Content-Type", "application/json");
            }
            if (etag != null) {
                request.header("If-Match", etag);
            }
            HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Answer(
                    answer.statusCode(),
                    answer.body(),
                    answer.headers().firstValue("ETag").orElse(""));
        } catch (IOException e) {
            return Answer.NONE;
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}

package io.asyncjobs.provisioning;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Calls the provisioning API of a service. */
final class ServiceClient {

    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration ANSWER = Duration.ofMinutes(3);

    private final URI service;
    private final String token;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(CONNECT).build();

    /** @param service without a path */
    ServiceClient(URI service, String token) {
        this.service = service;
        this.token = token;
    }

    HttpResponse<byte[]> get(String path, String accept) throws IOException {
        return send(request(path, accept).GET());
    }

    HttpResponse<byte[]> post(String path, String type, String accept, byte[] body) throws IOException {
        return send(
                request(path, accept).header("Content-Type", type).POST(HttpRequest.BodyPublishers.ofByteArray(body)));
    }

    private HttpRequest.Builder request(String path, String accept) {
        String base = service.toString().replaceFirst("/+$", "");
        return HttpRequest.newBuilder(URI.create(base + "/api/v1/provisioning/" + path))
                .timeout(ANSWER)
                .header("Authorization", "Bearer " + token)
                .header("Accept", accept + ", application/problem+json;q=0.5");
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException {
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (ConnectException e) {
            throw new IOException("the service at " + service + " cannot be reached", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for the service", e);
        }
    }
}

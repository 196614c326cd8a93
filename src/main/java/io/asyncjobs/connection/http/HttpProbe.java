package io.asyncjobs.connection.http;

import io.asyncjobs.connection.AccessTokens;
import io.asyncjobs.connection.CallDeadline;
import io.asyncjobs.connection.ConnectionKind;
import io.asyncjobs.connection.ConnectionProbe;
import io.asyncjobs.connection.HttpAuthentication;
import io.asyncjobs.connection.HttpClients;
import io.asyncjobs.connection.HttpSettings;
import io.asyncjobs.connection.Masking;
import io.asyncjobs.connection.OpenConnection;
import io.asyncjobs.connection.OpenConnections;
import io.asyncjobs.connection.ProbeSteps;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;

/** Tries a web service: its address, TLS, and HEAD to the base URL with the connection's authentication. */
@Singleton
class HttpProbe implements ConnectionProbe {

    private static final int MOST_MILLIS = 30_000;

    private final OpenConnections connections;
    private final CallCredentials credentials;
    private final AccessTokens tokens;

    HttpProbe(OpenConnections connections, CallCredentials credentials, AccessTokens tokens) {
        this.connections = connections;
        this.credentials = credentials;
        this.tokens = tokens;
    }

    @Override
    public ConnectionKind kind() {
        return ConnectionKind.HTTP;
    }

    @Override
    public void test(String connection, ProbeSteps steps) {
        OpenConnection<HttpSettings> opened = connections.http(connection);
        HttpSettings settings = opened.settings();
        URI base = URI.create(settings.baseUrl());
        boolean secure = base.getScheme().equals("https");
        String proxy = settings.proxy();
        int colon = proxy == null ? -1 : proxy.lastIndexOf(':');
        String host = proxy == null ? base.getHost() : proxy.substring(0, colon);
        int port = proxy != null
                ? Integer.parseInt(proxy.substring(colon + 1))
                : base.getPort() >= 0 ? base.getPort() : secure ? 443 : 80;
        String address = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        steps.resolve(address);
        steps.step("connect", () -> {
            try (Socket socket = ProbeSteps.connected(address, port, settings.connectTimeoutMillis())) {
                return (proxy == null ? "" : "to the proxy ") + socket.getRemoteSocketAddress();
            }
        });
        if (!secure) {
            steps.skip("tls", "is not used: the base URL begins with http");
        } else if (proxy != null) {
            steps.skip("tls", "goes through the proxy and is part of the next step");
        } else {
            steps.step("tls", () -> {
                try (Socket socket = ProbeSteps.connected(address, port, settings.connectTimeoutMillis())) {
                    return ProbeSteps.handshake(socket, address, port, opened.tls());
                }
            });
        }
        if (settings.authentication().type() == HttpAuthentication.Type.USER_TOKEN) {
            steps.skip("authenticate", "was not tried: a token is made for the user of each run");
        } else {
            steps.step("authenticate", () -> authenticated(opened, base));
        }
    }

    private String authenticated(OpenConnection<HttpSettings> opened, URI base) throws InterruptedException {
        HttpSettings settings = opened.settings();
        CallDeadline deadline = CallDeadline.of(
                Math.min(MOST_MILLIS, settings.totalTimeoutMillis()),
                System.nanoTime() + Duration.ofMillis(MOST_MILLIS).toNanos());
        if (settings.authentication().type() == HttpAuthentication.Type.OAUTH2_CLIENT_CREDENTIALS) {
            // A cached one would not show whether the client is still known
            tokens.tried(opened, deadline);
        }
        Map<String, String> headers = credentials.of(opened, "", new Masking(), deadline);
        int status = status(opened, base, headers, deadline);
        String said = "HEAD " + base + " was answered with " + status;
        return switch (status) {
            case 401 ->
                throw ProbeSteps.failure(said + ": the authentication is not taken; see whether the secret is right");
            case 403 -> throw ProbeSteps.failure(said + ": the caller is known, but has no right to it");
            case 407 -> throw ProbeSteps.failure(said + ": the proxy wants an authentication of its own");
            default -> said + (status < 400 ? "" : ", which says nothing against the authentication");
        };
    }

    private static int status(
            OpenConnection<HttpSettings> opened, URI base, Map<String, String> headers, CallDeadline deadline)
            throws InterruptedException {
        try (HttpClient client = HttpClients.builder(opened).build()) {
            HttpRequest.Builder request = HttpRequest.newBuilder(base)
                    .method("HEAD", HttpRequest.BodyPublishers.noBody())
                    .timeout(Duration.ofNanos(Math.max(1, deadline.leftNanos())));
            opened.settings().headers().forEach(request::setHeader);
            headers.forEach(request::setHeader);
            try {
                return client.send(request.build(), HttpResponse.BodyHandlers.discarding())
                        .statusCode();
            } catch (IOException e) {
                throw HttpFailures.of(opened.name(), opened.settings(), deadline, e);
            } finally {
                client.shutdownNow();
            }
        }
    }
}

package io.asyncjobs.connection;

import java.net.http.HttpClient;
import java.time.Duration;

/** Clients for what a connection calls: the service itself, and its token endpoint. */
public final class HttpClients {

    private HttpClients() {}

    /** A client that follows no redirect. */
    public static HttpClient.Builder builder(OpenConnection<HttpSettings> connection) {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(Duration.ofMillis(connection.settings().connectTimeoutMillis()));
    }
}

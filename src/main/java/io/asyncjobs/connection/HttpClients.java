package io.asyncjobs.connection;

import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.time.Duration;

/** Clients for what a connection calls: the service itself, and its token endpoint. */
public final class HttpClients {

    private HttpClients() {}

    /** A client that follows no redirect. */
    public static HttpClient.Builder builder(OpenConnection<HttpSettings> connection) {
        HttpSettings settings = connection.settings();
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(Duration.ofMillis(settings.connectTimeoutMillis()));
        String proxy = settings.proxy();
        if (proxy != null) {
            int colon = proxy.lastIndexOf(':');
            builder.proxy(ProxySelector.of(
                    new InetSocketAddress(proxy.substring(0, colon), Integer.parseInt(proxy.substring(colon + 1)))));
        }
        OpenTls tls = connection.tls();
        return tls == null ? builder : builder.sslContext(tls.context());
    }
}

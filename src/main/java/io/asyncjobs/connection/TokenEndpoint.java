package io.asyncjobs.connection;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Fetches access tokens as RFC 6749 has it, section 4.4. Its failures name the endpoint and never the secret. */
@Singleton
class TokenEndpoint {

    private static final Logger LOG = Logger.getLogger(TokenEndpoint.class);

    private static final int MAX_ANSWER_BYTES = 64 * 1024;
    private static final int MAX_TOKEN_CHARS = 16 * 1024;
    private static final int OK = 200;

    /** What a token lasts whose endpoint does not say so. */
    private static final Duration UNKNOWN_LIFE = Duration.ofMinutes(1);

    private static final Duration LONGEST_LIFE = Duration.ofDays(1);

    /** A token is renewed so long before it expires, or a fifth of its life if that is less. */
    private static final Duration MARGIN = Duration.ofSeconds(30);

    /** A token, and when another one is to be fetched; the time counts from before the endpoint was asked. */
    record Answer(String token, Duration renewAfter) {

        /** Without the token. */
        @Override
        public String toString() {
            return "Answer[renewAfter=" + renewAfter + "]";
        }
    }

    /** The endpoint says that this client gets no token: asking again at once is of no use. */
    static final class RefusedClientException extends RuntimeException {

        private static final long serialVersionUID = 1;

        private final ConnectionCallException failure;

        RefusedClientException(ConnectionCallException failure) {
            super(failure);
            this.failure = failure;
        }

        ConnectionCallException failure() {
            return failure;
        }
    }

    private final ObjectMapper json;

    TokenEndpoint(ObjectMapper json) {
        this.json = json;
    }

    /**
     * A new token.
     *
     * @throws RefusedClientException when the endpoint refuses the client
     * @throws ConnectionCallException when it gives no token otherwise
     */
    Answer fetch(OpenConnection<HttpSettings> connection, CallDeadline deadline) {
        long asked = System.nanoTime();
        HttpResponse<byte[]> response = exchanged(connection, deadline);
        JsonNode body = read(response.body());
        if (response.statusCode() != OK) {
            throw refused(connection, response.statusCode(), body);
        }
        String token = body.path("access_token").textValue();
        if (token == null || token.isEmpty() || token.length() > MAX_TOKEN_CHARS || !CallHeaders.isValue(token)) {
            throw failure(connection, "answered without an access_token that can be sent", null);
        }
        String type = body.path("token_type").asText("Bearer");
        if (!type.equalsIgnoreCase("bearer")) {
            throw failure(
                    connection,
                    "answered with a token of the type " + ConnectionCallException.shown(type)
                            + "; only Bearer can be sent",
                    null);
        }
        Duration sinceAsked = Duration.ofNanos(System.nanoTime() - asked);
        return new Answer(token, renewAfter(body.path("expires_in")).minus(sinceAsked));
    }

    /** How long after it was asked for a token is used. */
    private static Duration renewAfter(JsonNode expiresIn) {
        long seconds = expiresIn.asLong(UNKNOWN_LIFE.toSeconds());
        Duration life = Duration.ofSeconds(Math.clamp(seconds, 0, LONGEST_LIFE.toSeconds()));
        Duration part = life.dividedBy(5);
        return life.minus(part.compareTo(MARGIN) < 0 ? part : MARGIN);
    }

    private HttpResponse<byte[]> exchanged(OpenConnection<HttpSettings> connection, CallDeadline deadline) {
        HttpSettings settings = connection.settings();
        long left = deadline.leftNanos();
        if (left <= 0) {
            throw failure(connection, "did not answer " + deadline.words(), null);
        }
        HttpClient client = HttpClients.builder(connection).build();
        CompletableFuture<HttpResponse<byte[]>> exchange = client.sendAsync(
                request(
                        connection,
                        Math.min(
                                left,
                                Duration.ofMillis(settings.readTimeoutMillis()).toNanos())),
                HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), MAX_ANSWER_BYTES));
        try {
            return exchange.get(left, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw failure(connection, "did not answer " + deadline.words(), e);
        } catch (ExecutionException e) {
            throw failed(connection, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure(connection, "was asked until the run ended", e);
        } finally {
            exchange.cancel(true);
            client.shutdownNow();
        }
    }

    private static HttpRequest request(OpenConnection<HttpSettings> connection, long nanos) {
        HttpAuthentication authentication = connection.settings().authentication();
        String secret = connection.secret();
        if (secret == null) {
            throw new ConnectionCallException(
                    "not_called",
                    "http: " + connection.name()
                            + " was not called: its secret is missing; a superadmin has to store it");
        }
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", "client_credentials");
        put(form, "scope", authentication.scope());
        put(form, "audience", authentication.audience());
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(String.valueOf(authentication.tokenUrl())))
                .timeout(Duration.ofNanos(nanos))
                .setHeader("Content-Type", "application/x-www-form-urlencoded")
                .setHeader("Accept", "application/json");
        String client = String.valueOf(authentication.clientId());
        if (authentication.clientAuthentication() == HttpAuthentication.ClientAuthentication.BODY) {
            form.put("client_id", client);
            form.put("client_secret", secret);
        } else {
            // Encoded as a form first, says RFC 6749 in section 2.3.1
            String pair = encoded(client) + ":" + encoded(secret);
            request.setHeader(
                    "Authorization",
                    "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
        }
        String body = form.entrySet().stream()
                .map(field -> field.getKey() + "=" + encoded(field.getValue()))
                .collect(Collectors.joining("&"));
        return request.POST(HttpRequest.BodyPublishers.ofString(body)).build();
    }

    private static void put(Map<String, String> form, String name, @Nullable String value) {
        if (value != null) {
            form.put(name, value);
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private JsonNode read(byte[] body) {
        try {
            return Objects.requireNonNullElse(json.readTree(body), json.missingNode());
        } catch (JsonProcessingException e) {
            // Whatever it is, it holds no token and no reason
            return json.missingNode();
        } catch (IOException e) {
            throw new IllegalStateException("Bytes can be read", e);
        }
    }

    private static RuntimeException refused(OpenConnection<HttpSettings> connection, int status, JsonNode body) {
        String error = body.path("error").textValue();
        String description = body.path("error_description").textValue();
        String why = error == null
                ? ""
                : " (" + shown(connection, error) + (description == null ? "" : ": " + shown(connection, description))
                        + ")";
        ConnectionCallException failure = new ConnectionCallException(
                        "token", message(connection, "answered " + status + why))
                .with("status", status);
        return error == null || status >= 500 ? failure : new RefusedClientException(failure);
    }

    /** What the endpoint says, without the secret, should it say that. */
    private static String shown(OpenConnection<HttpSettings> connection, String text) {
        Masking masking = new Masking();
        masking.add(String.valueOf(connection.secret()));
        return ConnectionCallException.shown(masking.text(text));
    }

    private static ConnectionCallException failed(OpenConnection<HttpSettings> connection, @Nullable Throwable cause) {
        HttpSettings settings = connection.settings();
        String what =
                switch (cause) {
                    case HttpConnectTimeoutException e ->
                        "could not be reached " + CallDeadline.within(settings.connectTimeoutMillis());
                    case HttpTimeoutException e ->
                        "did not answer " + CallDeadline.within(settings.readTimeoutMillis());
                    case ConnectException e ->
                        e.getCause() instanceof UnresolvedAddressException
                                ? "could not be reached: its host name is not known"
                                : "could not be reached";
                    case SSLException e ->
                        "could not be reached safely: TLS failed, perhaps its certificate is not trusted";
                    case null, default -> "gave no whole answer of at most " + MAX_ANSWER_BYTES + " bytes";
                };
        return failure(connection, what, cause);
    }

    /** What the endpoint did, in words. */
    static ConnectionCallException failure(
            OpenConnection<HttpSettings> connection, String what, @Nullable Throwable cause) {
        LOG.debugf(cause, "The token endpoint of connection %s %s", connection.name(), what);
        return new ConnectionCallException("token", message(connection, what));
    }

    private static String message(OpenConnection<HttpSettings> connection, String what) {
        return "http: " + connection.name() + " was not called: it got no access token; the token endpoint "
                + connection.settings().authentication().tokenUrl() + " " + what;
    }
}

package io.asyncjobs.connection.http;

import io.asyncjobs.connection.CallAddress;
import io.asyncjobs.connection.CallDeadline;
import io.asyncjobs.connection.ConnectionCallException;
import io.asyncjobs.connection.ConnectionDeleted;
import io.asyncjobs.connection.HttpAuthentication;
import io.asyncjobs.connection.HttpClients;
import io.asyncjobs.connection.HttpSettings;
import io.asyncjobs.connection.Masking;
import io.asyncjobs.connection.OpenConnection;
import io.asyncjobs.connection.OpenConnections;
import io.asyncjobs.connection.Signatures;
import io.asyncjobs.platform.memory.ByteBudget;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import jakarta.inject.Singleton;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Carries out the HTTP calls of scripts. Thread-safe.
 *
 * <p>A call blocks its thread, which should be a virtual one, at most until its deadline. Interrupting the thread ends the
 * exchange at once.
 */
@Singleton
public class HttpCalls {

    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE");
    private static final int MAX_REQUEST_BYTES = 4 * 1024 * 1024;
    private static final int MAX_REDIRECTS = 5;
    private static final int UNAUTHORIZED = 401;

    /** A client keeps the connections of one state of one connection. */
    private record Client(int version, HttpClient http) {}

    private final OpenConnections connections;
    private final CallCredentials credentials;
    private final CallPace pace;
    private final ConcurrentHashMap<UUID, Client> clients = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("http-call-", 0).factory());

    HttpCalls(OpenConnections connections, CallCredentials credentials, CallPace pace) {
        this.pace = pace;
        this.connections = connections;
        this.credentials = credentials;
    }

    /** A web service as it was when it was looked up; holds its secret, so it is not to be kept or shown. */
    public static final class Opened {

        private final OpenConnection<HttpSettings> connection;
        private final Masking masking;
        private final Redaction redaction;

        private Opened(OpenConnection<HttpSettings> connection, Masking masking) {
            this.connection = connection;
            this.masking = masking;
            this.redaction = new Redaction(connection.settings().redact());
        }

        /**
         * The path and query of a call below the base URL: what a script gave, or where the absolute address that it gave
         * leads.
         *
         * @throws ConnectionCallException if an absolute address is not below the base URL
         */
        public String path(String given) {
            if (!CallAddress.isAbsolute(given)) {
                return given;
            }
            String path = CallAddress.relative(connection.settings().baseUrl(), given);
            if (path == null) {
                throw HttpFailures.refused(connection.name(), "the address does not lead below its base URL");
            }
            return path;
        }

        /** A path of a call as it may be noted. */
        public String notedPath(String path) {
            return masking.text(redaction.path(path));
        }

        /** The signature of data by a named secret of the connection. */
        public byte[] sign(String secret, String algorithm, byte[] data) {
            return Signatures.sign(connection, secret, algorithm, data);
        }

        /** A body of text of a call as it may be noted; JSON stays JSON. */
        public String notedBody(String body) {
            return redaction.body(body);
        }
    }

    /**
     * The web service of that name as it is now, for one call.
     *
     * @param masking is told its secret, and what the call brings along of the kind
     * @throws ConnectionCallException when there is none, or it is no web service
     */
    public Opened open(String connection, Masking masking) {
        OpenConnection<HttpSettings> opened = connections.http(connection);
        opened.secrets().values().forEach(masking::add);
        String secret = opened.secret();
        if (secret != null) {
            masking.add(secret);
            HttpAuthentication authentication = opened.settings().authentication();
            if (authentication.type() == HttpAuthentication.Type.BASIC) {
                masking.addBasic(authentication.username() + ":" + secret);
            }
        }
        return new Opened(opened, masking);
    }

    /**
     * The answer to the call, whatever its status. Redirects are followed as long as they stay below the base URL.
     *
     * @param memory asked for room for the body while it is read
     * @param deadlineNanoTime the value of {@link System#nanoTime} at which the caller's time is up
     * @param permission asked directly before anything is sent, and again before a body is; what it throws ends the call
     * @throws ConnectionCallException when the call may not be made or no whole answer came
     */
    public HttpAnswer call(
            Opened opened, HttpCall call, ByteBudget.Hold memory, long deadlineNanoTime, Runnable permission)
            throws InterruptedException {
        OpenConnection<HttpSettings> connection = opened.connection;
        HttpSettings settings = connection.settings();
        OutgoingRequest request = OutgoingRequest.of(call, connection);
        Integer asked = call.timeoutMillis();
        int totalMillis = settings.totalTimeoutMillis();
        CallDeadline deadline =
                CallDeadline.of(asked == null ? totalMillis : Math.min(asked, totalMillis), deadlineNanoTime);
        for (int sent = 1; ; sent++) {
            Optional<Duration> pause;
            try (CallPace.Turn turn = pace.turn(connection, deadline)) {
                HttpAnswer answer = answered(opened, request, call.user(), memory, deadline, permission);
                pause = CallRetries.afterAnswer(settings, call.method(), sent, answer, ThreadLocalRandom.current())
                        .filter(wait -> wait.toNanos() < deadline.leftNanos());
                if (pause.isEmpty()) {
                    opened.masking.learn(opened.redaction.valuesIn(answer));
                    return answer;
                }
            } catch (ConnectionCallException e) {
                pause = CallRetries.afterFailure(settings, call.method(), sent, e, ThreadLocalRandom.current())
                        .filter(wait -> wait.toNanos() < deadline.leftNanos());
                if (pause.isEmpty()) {
                    throw e;
                }
            }
            Thread.sleep(pause.get());
        }
    }

    private HttpAnswer answered(
            Opened opened,
            OutgoingRequest request,
            String user,
            ByteBudget.Hold memory,
            CallDeadline deadline,
            Runnable permission)
            throws InterruptedException {
        OpenConnection<HttpSettings> connection = opened.connection;
        Map<String, String> who = credentials.of(connection, user, opened.masking, deadline);
        boolean renewed = false;
        HttpClient client = client(connection);
        OutgoingRequest next = request;
        int redirects = 0;
        while (true) {
            permission.run();
            HttpResponse<CountedBody> response =
                    exchange(client, next.with(who), connection, memory, deadline, permission);
            if (response.statusCode() == UNAUTHORIZED && !renewed && CallCredentials.canRenew(connection)) {
                // The token may have been revoked before its time; nothing was carried out
                renewed = true;
                who = credentials.renewed(connection, who, opened.masking, deadline);
                continue;
            }
            if (!isRedirect(response)) {
                return read(response, connection);
            }
            if (redirects++ == MAX_REDIRECTS) {
                throw HttpFailures.of(
                        "redirect",
                        connection.name(),
                        "redirected more than " + MAX_REDIRECTS + " times",
                        response.statusCode());
            }
            next = next.redirected(response, connection);
        }
    }

    private HttpAnswer read(HttpResponse<CountedBody> response, OpenConnection<HttpSettings> connection) {
        try {
            return HttpAnswers.of(
                    response, connection.name(), connection.settings().maxResponseBytes());
        } catch (ConnectionCallException e) {
            // What is left of such an answer must not be taken for the next one
            clients.remove(connection.id());
            throw e;
        }
    }

    private static HttpResponse<CountedBody> exchange(
            HttpClient client,
            OutgoingRequest request,
            OpenConnection<HttpSettings> connection,
            ByteBudget.Hold memory,
            CallDeadline deadline,
            Runnable permission)
            throws InterruptedException {
        HttpSettings settings = connection.settings();
        long left = deadline.leftNanos();
        if (left <= 0) {
            throw HttpFailures.tooLate(connection.name(), deadline);
        }
        @Nullable PermittedBody body = request.body() == null ? null : new PermittedBody(request.body(), permission);
        HttpRequest.Builder builder = HttpRequest.newBuilder(request.address())
                .timeout(Duration.ofNanos(Math.min(
                        left, Duration.ofMillis(settings.readTimeoutMillis()).toNanos())))
                .method(request.method(), body == null ? HttpRequest.BodyPublishers.noBody() : body);
        request.headers().forEach(builder::setHeader);
        builder.setHeader("Accept-Encoding", "identity");
        CompletableFuture<HttpResponse<CountedBody>> exchange = client.sendAsync(
                builder.build(), CountedBody.handler(settings.maxResponseBytes(), memory, deadline.nanoTime()));
        try {
            return exchange.get(left, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw HttpFailures.tooLate(connection.name(), deadline);
        } catch (ExecutionException e) {
            RuntimeException refusal = body == null ? null : body.refusal();
            throw refusal != null ? refusal : HttpFailures.of(connection.name(), settings, deadline, e.getCause());
        } finally {
            // Ends the exchange where it still goes on: after a timeout or an interrupt
            exchange.cancel(true);
        }
    }

    private static boolean isRedirect(HttpResponse<?> response) {
        return switch (response.statusCode()) {
            case 301, 302, 303, 307, 308 ->
                response.headers().firstValue("location").isPresent();
            default -> false;
        };
    }

    private HttpClient client(OpenConnection<HttpSettings> connection) {
        return clients.compute(connection.id(), (id, known) -> {
                    if (known != null && known.version >= connection.version()) {
                        return known;
                    }
                    // The former client ends by itself when the last call lets go of it
                    return new Client(
                            connection.version(),
                            HttpClients.builder(connection).executor(threads).build());
                })
                .http;
    }

    void forget(@Observes(during = TransactionPhase.AFTER_SUCCESS) ConnectionDeleted gone) {
        clients.remove(gone.id());
    }

    @PreDestroy
    void stop() {
        clients.values().forEach(client -> client.http.shutdownNow());
        threads.shutdown();
    }
}

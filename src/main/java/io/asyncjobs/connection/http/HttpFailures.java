package io.asyncjobs.connection.http;

import io.asyncjobs.connection.CallDeadline;
import io.asyncjobs.connection.ConnectionCallException;
import io.asyncjobs.connection.HttpSettings;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import javax.net.ssl.SSLException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Failures of HTTP calls in words for scripts; what stands behind them goes to the log, at level debug. */
final class HttpFailures {

    private static final Logger LOG = Logger.getLogger(HttpCalls.class);

    private HttpFailures() {}

    /** The call was not made. */
    static ConnectionCallException refused(String connection, String why) {
        return new ConnectionCallException("not_called", "http: " + connection + " was not called: " + why);
    }

    /** The call was not made, because it would have come too late. */
    static ConnectionCallException busy(String connection, String why) {
        return new ConnectionCallException("busy", "http: " + connection + " was not called: " + why);
    }

    /** The call was made; {@code what} is what the other side did, {@code code} that in a word. */
    static ConnectionCallException of(String code, String connection, String what) {
        return of(code, connection, what, 0);
    }

    /** As {@link #of(String, String, String)}, of an answer with that status. */
    static ConnectionCallException of(String code, String connection, String what, int status) {
        return new ConnectionCallException(code, "http: " + connection + " " + what)
                .with("status", status == 0 ? null : status);
    }

    static ConnectionCallException tooLate(String connection, CallDeadline deadline) {
        return of("timeout", connection, "did not answer " + deadline.words());
    }

    static ConnectionCallException tooLarge(String connection, int limit) {
        return of(
                "too_large",
                connection,
                "answered with more than the " + limit + " bytes that maxResponseBytes allows");
    }

    /** What went wrong in the exchange. */
    static ConnectionCallException of(
            String connection, HttpSettings settings, CallDeadline deadline, @Nullable Throwable cause) {
        LOG.debugf(cause, "A call of %s failed", connection);
        return switch (root(cause)) {
            case HttpConnectTimeoutException e
            when deadline.leftNanos() > 0 ->
                of(
                        "unreachable",
                        connection,
                        "could not be reached " + CallDeadline.within(settings.connectTimeoutMillis()));
            case HttpTimeoutException e
            when deadline.leftNanos() > 0 ->
                of("timeout", connection, "did not answer " + CallDeadline.within(settings.readTimeoutMillis()));
            case HttpTimeoutException e -> tooLate(connection, deadline);
            case UnresolvedAddressException e -> unknownHost(connection);
            case ConnectException e ->
                e.getCause() instanceof UnresolvedAddressException
                        ? unknownHost(connection)
                        : of("unreachable", connection, "could not be reached");
            case SSLException e ->
                of(
                        "tls",
                        connection,
                        "could not be reached safely: TLS failed, perhaps its certificate is not trusted");
            case CountedBody.TooLargeException e -> tooLarge(connection, settings.maxResponseBytes());
            case null, default -> of("broken", connection, "gave no whole answer: it broke off, or is not HTTP");
        };
    }

    private static ConnectionCallException unknownHost(String connection) {
        return of("unreachable", connection, "could not be reached: its host name is not known");
    }

    /** The client wraps what was thrown while a body was read. */
    private static @Nullable Throwable root(@Nullable Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof CountedBody.TooLargeException) {
                return at;
            }
        }
        return failure;
    }
}

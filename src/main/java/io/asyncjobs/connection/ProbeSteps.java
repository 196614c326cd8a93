package io.asyncjobs.connection;

import io.asyncjobs.connection.ConnectionTestView.Outcome;
import io.asyncjobs.connection.ConnectionTestView.StepView;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/** The steps of one test. The first that fails ends it: all that follow are skipped. Belongs to one thread. */
public final class ProbeSteps {

    /** What a step does; the text says what was found. */
    @FunctionalInterface
    public interface Step {
        String carryOut() throws IOException, InterruptedException;
    }

    /** Why a step failed, in words for whoever configures the connection. */
    static final class FailedStepException extends RuntimeException {

        private static final long serialVersionUID = 1;

        FailedStepException(String message) {
            super(message);
        }
    }

    private final List<StepView> done = new ArrayList<>();
    private boolean failed;

    /** Carries a step out, unless one has failed. */
    public void step(String name, Step step) {
        if (failed) {
            skip(name, "was not tried, because a step before it failed");
            return;
        }
        long begun = System.nanoTime();
        Outcome outcome = Outcome.FAILED;
        String message;
        try {
            message = step.carryOut();
            outcome = Outcome.OK;
        } catch (FailedStepException | ConnectionCallException e) {
            message = String.valueOf(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            message = "was interrupted";
        } catch (IOException e) {
            message = "broke off: " + e.getMessage();
        }
        failed = outcome == Outcome.FAILED;
        done.add(new StepView(name, outcome, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun), message));
    }

    /** Says why a step has no place here. */
    public void skip(String name, String why) {
        done.add(new StepView(name, Outcome.SKIPPED, 0, why));
    }

    /** Ends a step as a failure. */
    public static RuntimeException failure(String message) {
        return new FailedStepException(message);
    }

    ConnectionTestView view() {
        return new ConnectionTestView(!failed, done);
    }

    /** The step in which the host name becomes addresses. */
    public void resolve(String host) {
        step("resolve", () -> {
            try {
                return Arrays.stream(InetAddress.getAllByName(host))
                        .map(InetAddress::getHostAddress)
                        .collect(Collectors.joining(", "));
            } catch (UnknownHostException e) {
                throw failure(
                        "The host name " + host + " is not known here: correct it, or have it entered in the DNS");
            }
        });
    }

    /** A connection to that port. */
    public static Socket connected(String host, int port, int timeoutMillis) throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(host, port), timeoutMillis);
            socket.setSoTimeout(timeoutMillis);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw switch (e) {
                case SocketTimeoutException late ->
                    failure("Nothing answers at port " + port + " " + CallDeadline.within(timeoutMillis)
                            + ": see whether a firewall lets this service through");
                case ConnectException refused ->
                    failure("Port " + port + " is closed: see whether the port is right and the service there is up");
                case NoRouteToHostException unreachable ->
                    failure("There is no way to the host: see to the network between it and this service");
                default -> failure("The connection broke off: " + e.getMessage());
            };
        }
    }

    /** Does a handshake over a connected socket; the text says what was agreed and how long the certificate is valid. */
    public static String handshake(Socket plain, String host, int port, @Nullable OpenTls tls) throws IOException {
        SSLSocketFactory sockets = tls == null
                ? (SSLSocketFactory) SSLSocketFactory.getDefault()
                : tls.context().getSocketFactory();
        try (SSLSocket socket = (SSLSocket) sockets.createSocket(plain, host, port, true)) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            return socket.getSession().getProtocol()
                    + Arrays.stream(socket.getSession().getPeerCertificates())
                            .limit(1)
                            .map(java.security.cert.X509Certificate.class::cast)
                            .map(certificate -> ", certificate of "
                                    + certificate.getSubjectX500Principal().getName() + ", valid until "
                                    + certificate.getNotAfter().toInstant())
                            .findFirst()
                            .orElse("");
        } catch (SSLException e) {
            throw failure(tlsFailure(e));
        } catch (SocketTimeoutException e) {
            throw failure("The server does not answer the TLS handshake: perhaps it speaks no TLS on this port");
        }
    }

    /** What to do about a handshake that failed. */
    static String tlsFailure(SSLException e) {
        String why = String.valueOf(e.getMessage());
        if (why.contains("PKIX") || why.contains("unable to find valid certification path")) {
            return why.contains("validity check failed") || why.contains("NotAfter")
                    ? "The server's certificate has expired: have it renewed"
                    : "The server's certificate is of an authority that is not trusted: give its certificate as"
                            + " tls.caCertificate";
        }
        if (why.contains("No subject alternative") || why.contains("No name matching")) {
            return "The server's certificate is of another host: " + why;
        }
        if (why.contains("certificate_required")
                || why.contains("bad_certificate")
                || why.contains("handshake_failure")) {
            return "The server refuses the client: it wants a client certificate that it trusts (" + why + ")";
        }
        if (why.contains("NotAfter") || why.contains("expired")) {
            return "A certificate has expired: " + why;
        }
        return "The TLS handshake failed: " + why;
    }
}

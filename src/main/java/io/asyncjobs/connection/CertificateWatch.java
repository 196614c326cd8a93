package io.asyncjobs.connection;

import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.platform.http.Tagged;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.health.api.Wellness;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.jboss.logging.Logger;

/**
 * Looks once a day for certificates of connections that expire soon: the log names them, and the node's wellness has them as
 * data. They make no node unwell, since nothing of it fails.
 */
@Wellness
@Singleton
class CertificateWatch implements HealthCheck {

    private static final Logger LOG = Logger.getLogger(CertificateWatch.class);

    /** How long before it expires a certificate is told of. */
    static final Duration WARNING = Duration.ofDays(30);

    private final Connections connections;
    private final DatabaseClock clock;

    /** By connection and use, when the first of them expires. */
    private volatile Map<String, Instant> soon = Map.of();

    CertificateWatch(Connections connections, DatabaseClock clock) {
        this.connections = connections;
        this.clock = clock;
    }

    /** Also a minute after the start. */
    @Scheduled(every = "24h", delayed = "1m", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void look() {
        try {
            soon = found(connections.all().stream().map(Tagged::body).toList());
            soon.forEach((what, at) -> LOG.warnf(
                    "The certificate of connection %s %s %s: give the connection a new one before calls fail",
                    what, at.isBefore(clock.now()) ? "expired at" : "expires at", at));
        } catch (RuntimeException e) {
            LOG.error("The certificates of connections could not be looked at", e);
        }
    }

    Map<String, Instant> found(List<ConnectionView> all) {
        Instant limit = clock.now().plus(WARNING);
        Map<String, Instant> found = new TreeMap<>();
        for (ConnectionView connection : all) {
            for (CertificateView certificate : connection.certificates()) {
                if (certificate.notAfter().isBefore(limit)) {
                    found.merge(
                            connection.name() + " (" + certificate.subject() + ")",
                            certificate.notAfter(),
                            (a, b) -> a.isBefore(b) ? a : b);
                }
            }
        }
        return found;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder answer =
                HealthCheckResponse.named("Certificates of connections").up();
        // Anybody may read this; the log names the connections
        return soon.isEmpty()
                ? answer.build()
                : answer.withData("expiringSoon", soon.size()).build();
    }
}

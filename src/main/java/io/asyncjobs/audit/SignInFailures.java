package io.asyncjobs.audit;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.asyncjobs.platform.DatabaseClock;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.spi.runtime.AbstractSecurityEvent;
import io.quarkus.security.spi.runtime.AuthenticationFailureEvent;
import io.quarkus.security.spi.runtime.AuthorizationFailureEvent;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Jdbi;
import org.jose4j.jwt.consumer.ErrorCodes;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jspecify.annotations.Nullable;

/**
 * Puts refused sign-ins of known callers on the trail: those whose token is genuine, but has expired or lacks the role. What
 * anybody could send is not told of.
 *
 * <p>Bounded: an event a minute for each user and reason, with the number of attempts since the last one.
 */
@Singleton
class SignInFailures {

    private static final Logger LOG = Logger.getLogger(SignInFailures.class);
    private static final int MAX_KEYS = 1_000;
    private static final Duration QUIET = Duration.ofMinutes(1);

    private record Key(String user, String reason) {}

    private static final class Tally {
        int attempts;
        Instant first = Instant.EPOCH;
        String path = "";
        long quietUntilNanoTime = System.nanoTime();
    }

    private final Jdbi jdbi;
    private final AuditTrail audit;
    private final DatabaseClock clock;
    private final Map<Key, Tally> tallies = new LinkedHashMap<>();

    SignInFailures(Jdbi jdbi, AuditTrail audit, DatabaseClock clock) {
        this.jdbi = jdbi;
        this.audit = audit;
        this.clock = clock;
    }

    void onForbidden(@Observes AuthorizationFailureEvent event) {
        SecurityIdentity identity = event.getSecurityIdentity();
        if (identity != null && !identity.isAnonymous()) {
            note(identity.getPrincipal().getName(), "The token lacks the role", path(event));
        }
    }

    void onFailed(@Observes AuthenticationFailureEvent event) {
        expired(event.getAuthenticationFailure()).ifPresent(user -> note(user, "The token has expired", path(event)));
    }

    @Scheduled(every = "1s", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void everySecond() {
        List<AuditEntry> entries = due();
        if (entries.isEmpty()) {
            return;
        }
        try {
            jdbi.useTransaction(handle -> audit.record(handle, entries));
        } catch (RuntimeException e) {
            LOG.errorf("%d refused sign-ins cannot be put on the audit trail: %s", entries.size(), e.getMessage());
        }
    }

    private synchronized void note(String user, String reason, String path) {
        Key key = new Key(user, reason);
        Tally tally = tallies.get(key);
        if (tally == null) {
            if (tallies.size() >= MAX_KEYS) {
                return;
            }
            tally = new Tally();
            tallies.put(key, tally);
        }
        if (tally.attempts++ == 0) {
            tally.first = clock.now();
            tally.path = path;
        }
    }

    private synchronized List<AuditEntry> due() {
        List<AuditEntry> entries = new ArrayList<>();
        long now = System.nanoTime();
        Iterator<Map.Entry<Key, Tally>> all = tallies.entrySet().iterator();
        while (all.hasNext()) {
            Map.Entry<Key, Tally> entry = all.next();
            Tally tally = entry.getValue();
            if (now - tally.quietUntilNanoTime < 0) {
                continue;
            }
            if (tally.attempts == 0) {
                all.remove();
                continue;
            }
            entries.add(entry(entry.getKey(), tally));
            tally.attempts = 0;
            tally.quietUntilNanoTime = now + QUIET.toNanos();
        }
        return entries;
    }

    private static AuditEntry entry(Key key, Tally tally) {
        return AuditEntry.of(key.user(), "refuse", "sign-in", key.user())
                .via(AuditVia.SYSTEM)
                .at(tally.first)
                .with(Changes.between(
                        null,
                        JsonNodeFactory.instance
                                .objectNode()
                                .put("path", tally.path)
                                .put("attempts", tally.attempts)))
                .because(key.reason());
    }

    /** The user of a token that was signed by a known issuer for this service and is only too old. */
    private static Optional<String> expired(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof InvalidJwtException invalid) {
                boolean onlyExpired = invalid.getErrorDetails().stream()
                        .allMatch(detail -> detail.getErrorCode() == ErrorCodes.EXPIRED);
                if (!invalid.hasExpired() || !onlyExpired) {
                    return Optional.empty();
                }
                Map<String, Object> claims =
                        invalid.getJwtContext().getJwtClaims().getClaimsMap();
                return Stream.of("upn", "preferred_username", "sub")
                        .map(claims::get)
                        .filter(String.class::isInstance)
                        .map(String.class::cast)
                        .filter(name -> !name.isBlank())
                        .findFirst();
            }
        }
        return Optional.empty();
    }

    private static String path(AbstractSecurityEvent event) {
        return event.getEventProperties().values().stream()
                .filter(RoutingContext.class::isInstance)
                .map(RoutingContext.class::cast)
                .map(request -> Objects.requireNonNullElse(request.request().path(), ""))
                .map(path -> path.length() <= 500 ? path : path.substring(0, 500))
                .findFirst()
                .orElse("");
    }
}

package io.asyncjobs.audit;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.asyncjobs.platform.DatabaseClock;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.spi.runtime.AbstractSecurityEvent;
import io.quarkus.security.spi.runtime.AuthenticationFailureEvent;
import io.quarkus.security.spi.runtime.AuthorizationFailureEvent;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.PreDestroy;
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
import java.util.concurrent.locks.ReentrantLock;
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
 * <p>Bounded: an event a minute for each user and reason, with the number of attempts since the last one. What cannot be
 * written is kept for the next try.
 */
@Singleton
public class SignInFailures {

    private static final Logger LOG = Logger.getLogger(SignInFailures.class);
    private static final int MAX_KEYS = 1_000;
    private static final Duration QUIET = Duration.ofMinutes(1);
    private static final Duration EVERY = Duration.ofSeconds(1);

    private record Key(String user, String reason) {}

    /** What a tally said when it was taken to be written. */
    private record Due(Key key, Tally tally, int attempts, Instant first, String path) {}

    private static final class Tally {
        int attempts;
        Instant first = Instant.EPOCH;
        String path = "";
        long quietUntilNanoTime = System.nanoTime();
    }

    private final Jdbi jdbi;
    private final AuditTrail audit;
    private final DatabaseClock clock;
    private final ReentrantLock passes = new ReentrantLock();

    // Guarded by this
    private final Map<Key, Tally> tallies = new LinkedHashMap<>();
    /** While somebody is counted. */
    private @Nullable Thread writer;

    /** Guarded by passes. */
    private boolean failing;

    SignInFailures(Jdbi jdbi, AuditTrail audit, DatabaseClock clock) {
        this.jdbi = jdbi;
        this.audit = audit;
        this.clock = clock;
    }

    void onForbidden(@Observes AuthorizationFailureEvent event) {
        SecurityIdentity identity = event.getSecurityIdentity();
        if (identity != null) {
            lacksRole(identity, path(event));
        }
    }

    void onFailed(@Observes AuthenticationFailureEvent event) {
        failed(event.getAuthenticationFailure(), path(event));
    }

    /** A token was good, its user's roles were not enough. */
    public void lacksRole(SecurityIdentity identity, String path) {
        if (!identity.isAnonymous()) {
            note(identity.getPrincipal().getName(), "The token lacks the role", path);
        }
    }

    /** A token was refused; noted only if it was good once. */
    public void failed(@Nullable Throwable failure, String path) {
        expired(failure).ifPresent(user -> note(user, "The token has expired", path));
    }

    /** At rest, with nobody to count, there is no such thread. */
    private void writeEachSecond() {
        try {
            do {
                Thread.sleep(EVERY);
                write();
            } while (somebodyIsCounted());
        } catch (InterruptedException e) {
            // Only stop() interrupts
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean somebodyIsCounted() {
        if (tallies.isEmpty()) {
            writer = null;
        }
        return !tallies.isEmpty();
    }

    @PreDestroy
    synchronized void stop() {
        if (writer != null) {
            writer.interrupt();
        }
    }

    /** Writes what is due; one thread at a time. */
    void write() {
        passes.lock();
        try {
            writeDue();
        } finally {
            passes.unlock();
        }
    }

    private void writeDue() {
        List<Due> due = due();
        if (due.isEmpty()) {
            return;
        }
        try {
            List<AuditEntry> entries = due.stream().map(SignInFailures::entry).toList();
            jdbi.useTransaction(handle -> audit.record(handle, entries));
            failing = false;
        } catch (RuntimeException e) {
            putBack(due);
            if (!failing) {
                LOG.errorf(
                        "Refused sign-ins of %d users cannot be put on the audit trail; trying again: %s",
                        due.size(), e.getMessage());
                failing = true;
            }
        }
    }

    synchronized void note(String user, String reason, String path) {
        Key key = new Key(user, reason);
        Tally tally = tallies.get(key);
        if (tally == null) {
            if (tallies.size() >= MAX_KEYS) {
                return;
            }
            tally = new Tally();
            tallies.put(key, tally);
            if (writer == null || !writer.isAlive()) {
                writer = Thread.ofVirtual().name("sign-in-failures").start(this::writeEachSecond);
            }
        }
        if (tally.attempts++ == 0) {
            tally.first = clock.now();
            tally.path = path;
        }
    }

    private synchronized List<Due> due() {
        List<Due> due = new ArrayList<>();
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
            due.add(new Due(entry.getKey(), tally, tally.attempts, tally.first, tally.path));
            tally.attempts = 0;
            tally.quietUntilNanoTime = now + QUIET.toNanos();
        }
        return due;
    }

    /** Together with what came meanwhile; due again at once. */
    private synchronized void putBack(List<Due> unwritten) {
        for (Due due : unwritten) {
            due.tally().attempts += due.attempts();
            due.tally().first = due.first();
            due.tally().path = due.path();
            due.tally().quietUntilNanoTime = System.nanoTime();
        }
    }

    private static AuditEntry entry(Due due) {
        String user = due.key().user();
        return AuditEntry.of(user, "refuse", "sign-in", user)
                .via(AuditVia.SYSTEM)
                .at(due.first())
                .with(Changes.between(
                        null,
                        JsonNodeFactory.instance
                                .objectNode()
                                .put("path", due.path())
                                .put("attempts", due.attempts())))
                .because(due.key().reason());
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

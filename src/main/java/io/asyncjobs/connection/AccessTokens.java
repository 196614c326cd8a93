package io.asyncjobs.connection;

import io.asyncjobs.connection.TokenEndpoint.RefusedClientException;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The access tokens of connections with {@code oauth2_client_credentials}. A token is fetched once for all nodes, renewed
 * before it expires, and kept in memory and, sealed, in the database. Thread-safe.
 */
@Singleton
public class AccessTokens {

    /** How often a node looks whether another one has fetched the token. */
    private static final Duration LOOK = Duration.ofMillis(100);

    /** How long the endpoint is not asked again once it refused the client: scripts of all jobs would ask each second. */
    private static final Duration REFUSED = Duration.ofSeconds(5);

    /**
     * A token with what it is for.
     *
     * @param renewNanoTime a value of {@link System#nanoTime}
     */
    record Token(String text, int version, long renewNanoTime) {

        boolean isFor(OpenConnection<HttpSettings> connection, @Nullable String refused) {
            return version == connection.version() && !text.equals(refused) && renewNanoTime - System.nanoTime() > 0;
        }
    }

    private record Refusal(String message, int version, long untilNanoTime) {}

    private static final class Slot {
        final ReentrantLock lock = new ReentrantLock();
        volatile @Nullable Token token;

        // Guarded by lock
        @Nullable
        Refusal refusal;
    }

    private final TokenEndpoint endpoint;
    private final SharedTokens shared;
    private final ConcurrentHashMap<UUID, Slot> slots = new ConcurrentHashMap<>();

    AccessTokens(TokenEndpoint endpoint, SharedTokens shared) {
        this.endpoint = endpoint;
        this.shared = shared;
    }

    /**
     * A token for a call now. Whoever needs one while it is fetched waits for it.
     *
     * @param refused a token that the service did not take, so that it is not given out again; null for none
     * @throws ConnectionCallException when there is none within the deadline
     */
    public String token(OpenConnection<HttpSettings> connection, @Nullable String refused, CallDeadline deadline)
            throws InterruptedException {
        Slot slot = slots.computeIfAbsent(connection.id(), id -> new Slot());
        Token known = slot.token;
        if (known != null && known.isFor(connection, refused)) {
            return known.text();
        }
        if (!slot.lock.tryLock(Math.max(0, deadline.leftNanos()), TimeUnit.NANOSECONDS)) {
            throw TokenEndpoint.failure(connection, "did not answer " + deadline.words(), null);
        }
        try {
            known = slot.token;
            if (known == null || !known.isFor(connection, refused)) {
                known = obtained(slot, connection, refused, deadline);
                slot.token = known;
            }
            return known.text();
        } finally {
            slot.lock.unlock();
        }
    }

    /**
     * Has the endpoint asked, whether a token is known or not, for a test of the connection.
     *
     * @throws ConnectionCallException when it gives none
     */
    public void tried(OpenConnection<HttpSettings> connection, CallDeadline deadline) {
        try {
            endpoint.fetch(connection, deadline);
        } catch (RefusedClientException e) {
            throw e.failure();
        }
    }

    private Token obtained(
            Slot slot, OpenConnection<HttpSettings> connection, @Nullable String refused, CallDeadline deadline)
            throws InterruptedException {
        Refusal last = slot.refusal;
        if (last != null && last.version() == connection.version() && last.untilNanoTime() - System.nanoTime() > 0) {
            throw new ConnectionCallException("token", last.message());
        }
        while (true) {
            Optional<Token> other = shared.find(connection, refused);
            if (other.isPresent()) {
                return other.get();
            }
            if (deadline.leftNanos() <= 0) {
                throw TokenEndpoint.failure(connection, "did not answer " + deadline.words(), null);
            }
            if (shared.claim(connection)) {
                try {
                    return shared.find(connection, refused).orElseGet(() -> fetched(slot, connection, deadline));
                } finally {
                    shared.release(connection);
                }
            }
            Thread.sleep(LOOK);
        }
    }

    private Token fetched(Slot slot, OpenConnection<HttpSettings> connection, CallDeadline deadline) {
        try {
            TokenEndpoint.Answer answer = endpoint.fetch(connection, deadline);
            shared.store(connection, answer);
            return new Token(
                    answer.token(),
                    connection.version(),
                    System.nanoTime() + answer.renewAfter().toNanos());
        } catch (RefusedClientException e) {
            slot.refusal = new Refusal(
                    String.valueOf(e.failure().getMessage()),
                    connection.version(),
                    System.nanoTime() + REFUSED.toNanos());
            throw e.failure();
        }
    }

    void forget(@Observes(during = TransactionPhase.AFTER_SUCCESS) ConnectionDeleted gone) {
        slots.remove(gone.id());
    }
}

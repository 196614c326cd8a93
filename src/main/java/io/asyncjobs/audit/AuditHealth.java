package io.asyncjobs.audit;

import io.asyncjobs.platform.DatabaseFaults;
import io.smallrye.health.api.Wellness;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * Says whether the trail is there as this node knows it. Part of wellness: a node whose trail was tampered with is still ready
 * to run jobs and to answer. Answers within a moment, whatever the database does.
 */
@Wellness
@Singleton
class AuditHealth implements HealthCheck {

    private static final Logger LOG = Logger.getLogger(AuditHealth.class);
    private static final long PATIENCE_MILLIS = 500;
    private static final Executor THREADS =
            task -> Thread.ofVirtual().name("audit-health").start(task);

    private final AuditChain chain;
    private final AuditCheck check;
    private final Checkpoints checkpoints;
    private final Jdbi jdbi;
    private final AtomicReference<@Nullable CompletableFuture<Long>> looking = new AtomicReference<>();

    AuditHealth(AuditChain chain, AuditCheck check, Checkpoints checkpoints, Jdbi jdbi) {
        this.chain = chain;
        this.check = check;
        this.checkpoints = checkpoints;
        this.jdbi = jdbi;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder answer = HealthCheckResponse.named("Audit trail");
        Optional<Long> setAside = look();
        setAside.ifPresent(count -> answer.withData("setAside", count));
        if (setAside.isEmpty()) {
            answer.withData("unknown", "The database does not answer, so this is what was known before");
        }
        checkpoints.warning().ifPresent(text -> answer.withData("warning", text));
        if (checkpoints.isFailing()) {
            // Anybody may read this; only the log says why
            answer.withData("checkpoints", "The last checkpoint could not be made; the log says why");
        }
        Optional<AuditFault> fault = chain.seen().fault();
        fault.ifPresent(found -> answer.withData("fault", found.message()));
        return answer.status(fault.isEmpty()).build();
    }

    /** Compares the end of the chain with what was seen; returns how many events are set aside. One look at a time. */
    private Optional<Long> look() {
        CompletableFuture<Long> fresh = new CompletableFuture<>();
        CompletableFuture<Long> running = looking.compareAndExchange(null, fresh);
        if (running == null) {
            running = fresh;
            THREADS.execute(() -> {
                try {
                    chain.seen().look(jdbi);
                    fresh.complete(check.setAside());
                } catch (RuntimeException | Error e) {
                    // The answer says that the database does not answer: anything else is to be found in the log
                    LOG.log(
                            DatabaseFaults.isOfTheDatabase(e) ? Logger.Level.DEBUG : Logger.Level.ERROR,
                            "The end of the audit trail cannot be looked at",
                            e);
                    fresh.complete(-1L);
                } finally {
                    looking.set(null);
                }
            });
        }
        return Optional.of(running.copy()
                        .completeOnTimeout(-1L, PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                        .join())
                .filter(count -> count >= 0);
    }
}

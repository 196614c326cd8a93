package io.asyncjobs.platform.http;

import io.smallrye.health.AsyncHealthCheckFactory;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Priority;
import jakarta.enterprise.inject.Alternative;
import jakarta.inject.Singleton;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;

/** Health checks have threads of their own: those that serve requests may all be busy. */
@Singleton
@Alternative
@Priority(1)
class HealthThreads extends AsyncHealthCheckFactory {

    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("health-", 0).factory());

    @Override
    public Uni<HealthCheckResponse> callSync(HealthCheck check) {
        return super.callSync(check).runSubscriptionOn(threads);
    }

    @PreDestroy
    void stop() {
        threads.shutdownNow();
    }
}

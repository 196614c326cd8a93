package io.asyncjobs.script;

import jakarta.inject.Singleton;
import java.time.Duration;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready while a worker is, or one was a moment ago: a worker that a script has ended is replaced within a second or two. Also
 * says whether the workers are warm: until they are, ticks may run late.
 */
@Readiness
@Singleton
class ScriptReadiness implements HealthCheck {

    private static final Duration GRACE = Duration.ofSeconds(5);

    private final ScriptPool pool;

    ScriptReadiness(ScriptPool pool) {
        this.pool = pool;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder answer = HealthCheckResponse.named("script workers");
        return pool.isOutOfWorkers(GRACE)
                ? answer.down()
                        .withData("reason", "No worker process is ready, so no script can run; the log has more.")
                        .build()
                : answer.up()
                        .withData("workers", pool.isWarming() ? "warming" : "warm")
                        .build();
    }
}

package io.asyncjobs.schedule;

import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/** Ready while this node takes part: its heartbeat is acknowledged, and the database answers its claims. Asks nobody. */
@Readiness
@Singleton
class ScheduleReadiness implements HealthCheck {

    private final Dispatcher dispatcher;
    private final Nodes nodes;

    ScheduleReadiness(Dispatcher dispatcher, Nodes nodes) {
        this.dispatcher = dispatcher;
        this.nodes = nodes;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder answer = HealthCheckResponse.named("timers");
        if (nodes.isFenced()) {
            return answer.down()
                    .withData("reason", "This node has lost contact with the database.")
                    .build();
        }
        return dispatcher
                .trouble()
                .map(reason -> answer.down().withData("reason", reason).build())
                .orElseGet(() -> answer.up().build());
    }
}

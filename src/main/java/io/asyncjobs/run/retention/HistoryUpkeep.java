package io.asyncjobs.run.retention;

import io.asyncjobs.platform.DatabaseClock;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/** Looks after the history in the background, on every node; what needs doing one of them does. */
@Singleton
class HistoryUpkeep {

    private static final Logger LOG = Logger.getLogger(HistoryUpkeep.class);

    private final RunPartitions partitions;
    private final TickRollUp rollUp;
    private final RunRetention retention;
    private final DatabaseClock clock;

    /** What the database role may not do: said once, since trying again each minute changes nothing. */
    private final Set<String> forbidden = ConcurrentHashMap.newKeySet();

    HistoryUpkeep(RunPartitions partitions, TickRollUp rollUp, RunRetention retention, DatabaseClock clock) {
        this.partitions = partitions;
        this.rollUp = rollUp;
        this.retention = retention;
        this.clock = clock;
    }

    /** Before this node claims its first run. */
    void atStart(@Observes @Priority(Interceptor.Priority.APPLICATION) StartupEvent event) {
        attempt(partitions::make, "Partitions cannot be made; the default one takes the runs meanwhile");
    }

    @Scheduled(
            every = "${asyncjobs.history.upkeep-every:1m}",
            delayed = "${asyncjobs.history.upkeep-every:1m}",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void now() {
        attempt(partitions::make, "Partitions cannot be made; the default one takes the runs meanwhile");
        attempt(rollUp::catchUp, "Runs and gaps cannot be rolled up; the ledger counts them one by one meanwhile");
        attempt(retention::clear, "Old runs cannot be cleared; they stay meanwhile");
    }

    private void attempt(Consumer<Instant> step, String otherwise) {
        if (forbidden.contains(otherwise)) {
            return;
        }
        try {
            step.accept(clock.now());
        } catch (RuntimeException e) {
            Optional<String> missing = HistoryConnections.missingRight(e);
            if (missing.isPresent()) {
                forbidden.add(otherwise);
                LOG.errorf(
                        "%s. The database role of this service may not do that: %s. Make it the owner of the service's tables"
                                + " and grant it CREATE on their schema, then restart; until then this is not tried again.",
                        otherwise, missing.get());
            } else {
                LOG.error(otherwise, e);
            }
        }
    }
}

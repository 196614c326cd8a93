package io.asyncjobs.run;

import io.asyncjobs.platform.DatabaseClock;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Jdbi;

/** Keeps the history's daily partitions made ahead, so that old days can be dropped whole. */
@Singleton
class RunPartitions {

    private static final Logger LOG = Logger.getLogger(RunPartitions.class);
    private static final int DAYS_AHEAD = 7;

    private final Jdbi jdbi;
    private final DatabaseClock clock;

    RunPartitions(Jdbi jdbi, DatabaseClock clock) {
        this.jdbi = jdbi;
        this.clock = clock;
    }

    /** Before this node claims its first run. */
    void atStart(@Observes @Priority(Interceptor.Priority.APPLICATION) StartupEvent event) {
        make();
    }

    @Scheduled(every = "1h", delayed = "1h")
    void hourly() {
        make();
    }

    private void make() {
        try {
            LocalDate today = LocalDate.ofInstant(clock.now(), ZoneOffset.UTC);
            jdbi.useHandle(handle -> handle.createQuery("select ensure_run_partitions(:today, :days)::text")
                    .bind("today", today)
                    .bind("days", DAYS_AHEAD)
                    .mapTo(String.class)
                    .list());
        } catch (RuntimeException e) {
            LOG.error("Partitions for the coming days cannot be made; the default one takes their runs", e);
        }
    }
}

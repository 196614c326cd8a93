package io.asyncjobs.run.retention;

import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Jdbi;

/** Sees to it that new partitions of runs leave room in their pages for the runs' ends, before the first run is claimed. */
@Singleton
class RunRoom {

    private static final Logger LOG = Logger.getLogger(RunRoom.class);

    private final Jdbi jdbi;

    RunRoom(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    void atStart(@Observes @Priority(Interceptor.Priority.APPLICATION + 400) StartupEvent event) {
        make();
    }

    /** More often than partitions become current. */
    @Scheduled(every = "30m", delayed = "30m")
    void now() {
        make();
    }

    private void make() {
        try {
            jdbi.useHandle(handle -> handle.createQuery("select keep_room_for_ends_of_runs()::text")
                    .mapTo(String.class)
                    .list());
        } catch (RuntimeException e) {
            LOG.warnf(
                    "The fill factor of new run partitions could not be set. Run completions in them are slower: %s",
                    e.getMessage());
        }
    }
}

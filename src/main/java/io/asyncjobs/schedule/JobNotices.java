package io.asyncjobs.schedule;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * Hears from the database of changes of jobs, whoever made them, as soon as they are committed.
 *
 * <p>Holds a connection for that. While there is none, changes of other nodes are found by the reconciler's beat.
 */
@Singleton
class JobNotices {

    private static final Logger LOG = Logger.getLogger(JobNotices.class);
    private static final int LOOK_AT_CONNECTION_MILLIS = 30_000;
    private static final long RETRY_AFTER_MILLIS = 1_000;

    private final DataSource database;
    private final Dispatcher dispatcher;
    private final Reconciler reconciler;
    private volatile boolean stopping;
    private volatile @Nullable Thread thread;
    private volatile @Nullable Connection listening;

    JobNotices(DataSource database, Dispatcher dispatcher, Reconciler reconciler) {
        this.database = database;
        this.dispatcher = dispatcher;
        this.reconciler = reconciler;
    }

    void start(@Observes @Priority(Interceptor.Priority.APPLICATION + 600) StartupEvent event) {
        thread = Thread.ofPlatform().name("job-notices").daemon().start(this::loop);
    }

    void stop(@Observes ShutdownEvent event) throws InterruptedException {
        stopping = true;
        Thread ending = thread;
        Connection open = listening;
        if (ending != null) {
            ending.interrupt();
            try {
                if (open != null) {
                    // Wakes the thread that reads from it
                    open.abort(Runnable::run);
                }
            } catch (SQLException e) {
                LOG.debugf(e, "The connection for notices cannot be ended");
            }
            ending.join(RETRY_AFTER_MILLIS);
        }
    }

    private void loop() {
        boolean failing = false;
        while (!stopping) {
            try (Connection connection = database.getConnection()) {
                listening = connection;
                try (Statement statement = connection.createStatement()) {
                    statement.execute("listen asyncjobs_job");
                }
                failing = false;
                // What changed while nobody listened
                reconciler.soon();
                hear(connection.unwrap(PGConnection.class));
            } catch (SQLException e) {
                if (!stopping && !failing) {
                    LOG.warnf("Changes of other nodes are noticed a second late: %s", e.getMessage());
                    failing = true;
                }
            } catch (RuntimeException | Error e) {
                LOG.error("A notice could not be taken; listening anew", e);
            }
            listening = null;
            try {
                if (!stopping) {
                    TimeUnit.MILLISECONDS.sleep(RETRY_AFTER_MILLIS);
                }
            } catch (InterruptedException e) {
                // Only stop() interrupts
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void hear(PGConnection connection) throws SQLException {
        while (!stopping) {
            PGNotification[] notices = connection.getNotifications(LOOK_AT_CONNECTION_MILLIS);
            if (notices == null || notices.length == 0) {
                continue;
            }
            boolean many = false;
            for (PGNotification notice : notices) {
                if (notice.getParameter().isEmpty()) {
                    many = true;
                    dispatcher.withdrawAll();
                } else {
                    dispatcher.withdraw(UUID.fromString(notice.getParameter()));
                }
            }
            if (many) {
                reconciler.checkAllSoon();
            } else {
                reconciler.soon();
            }
        }
    }
}

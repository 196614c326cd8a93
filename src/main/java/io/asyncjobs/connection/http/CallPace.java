package io.asyncjobs.connection.http;

import io.asyncjobs.connection.CallDeadline;
import io.asyncjobs.connection.ConnectionDeleted;
import io.asyncjobs.connection.HttpSettings;
import io.asyncjobs.connection.OpenConnection;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * Lets calls of a connection begin no faster, and no more at once, than it allows. Calls at once are counted by each node; the
 * rate is kept for all nodes by one row of the table {@code connection_pace}, which says when the next call may begin. A
 * connection without such limits costs nothing. Thread-safe.
 */
@Singleton
class CallPace {

    private static final int MILLIS_OF_A_SECOND = 1000;

    /** The bound belongs to the number, so that a changed one counts at once. */
    private record Places(UUID connection, int count) {}

    /** Where a call goes on; closed when it is over. */
    @FunctionalInterface
    interface Turn extends AutoCloseable {
        @Override
        void close();
    }

    private final Jdbi jdbi;
    private final ConcurrentHashMap<Places, Semaphore> places = new ConcurrentHashMap<>();

    CallPace(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * Waits until the call may begin.
     *
     * @throws io.asyncjobs.connection.ConnectionCallException when that is not within the deadline
     */
    Turn turn(OpenConnection<HttpSettings> connection, CallDeadline deadline) throws InterruptedException {
        Turn turn = place(connection, connection.settings().maxConcurrentCalls(), deadline);
        boolean begun = false;
        try {
            keepRate(connection, connection.settings().callsPerSecond(), deadline);
            begun = true;
            return turn;
        } finally {
            if (!begun) {
                turn.close();
            }
        }
    }

    private Turn place(OpenConnection<HttpSettings> connection, @Nullable Integer most, CallDeadline deadline)
            throws InterruptedException {
        if (most == null) {
            return () -> {};
        }
        Semaphore free =
                places.computeIfAbsent(new Places(connection.id(), most), key -> new Semaphore(key.count(), true));
        if (!free.tryAcquire(Math.max(0, deadline.leftNanos()), TimeUnit.NANOSECONDS)) {
            throw HttpFailures.busy(
                    connection.name(), "its " + most + " calls at once stayed in use until the time was up");
        }
        return free::release;
    }

    private void keepRate(OpenConnection<HttpSettings> connection, @Nullable Integer perSecond, CallDeadline deadline)
            throws InterruptedException {
        if (perSecond == null) {
            return;
        }
        long left = TimeUnit.NANOSECONDS.toMillis(deadline.leftNanos());
        // The row is left alone where the call would come too late
        Optional<Long> wait = jdbi.withHandle(handle -> handle.createQuery("""
                        insert into connection_pace as pace (connection, next_at)
                        values (:connection, clock_timestamp() + :step * interval '1 millisecond')
                        on conflict (connection) do update
                        set next_at = greatest(pace.next_at, clock_timestamp()) + :step * interval '1 millisecond'
                        where pace.next_at <= clock_timestamp() + :left * interval '1 millisecond'
                        returning ceil(extract(epoch from pace.next_at - clock_timestamp()) * 1000 - :step)::bigint
                        """)
                .bind("connection", connection.id())
                .bind("step", (double) MILLIS_OF_A_SECOND / perSecond)
                .bind("left", left)
                .mapTo(Long.class)
                .findOne());
        if (wait.isEmpty()) {
            throw HttpFailures.busy(
                    connection.name(), "its " + perSecond + " calls a second are taken until the time is up");
        }
        if (wait.get() > 0) {
            Thread.sleep(wait.get());
        }
    }

    void forget(@Observes(during = TransactionPhase.AFTER_SUCCESS) ConnectionDeleted gone) {
        places.keySet().removeIf(key -> key.connection().equals(gone.id()));
    }
}

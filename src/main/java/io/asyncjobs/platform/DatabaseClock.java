package io.asyncjobs.platform;

import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The one clock of the cluster: the database's, carried forward by this process's monotonic clock.
 *
 * <p>The wall clock of the machine is never read, so a node that is an hour off, or whose clock steps, behaves as any
 * other. Thread-safe. Before the first {@link #synchronize} the first reader synchronises.
 */
@Singleton
public final class DatabaseClock implements Clock {

    /** @param uncertainty half the round trip by which it was learnt, in nanoseconds */
    private record Mapping(Instant at, long nanoTime, long uncertainty) {

        Instant atNanoTime(long other) {
            return at.plusNanos(other - nanoTime);
        }
    }

    /** An answer that took this much longer than the best one tells less than that one still does. */
    private static final int WORSE = 2;

    private static final Duration KEPT_AT_MOST = Duration.ofSeconds(30);

    private final DataSource database;
    private volatile @Nullable Mapping mapping;

    public DatabaseClock(DataSource database) {
        this.database = database;
    }

    /** The database's time is right to some hundred microseconds and cut to the microseconds that it can store. */
    @Override
    public Moment moment() {
        long nanoTime = System.nanoTime();
        return new Moment(atNanoTime(nanoTime), nanoTime);
    }

    @Override
    public long elapsedNanos() {
        return ElapsedTime.nanos();
    }

    /** The value {@link System#nanoTime} has at that instant of the database's clock. */
    public long nanoTimeAt(Instant instant) {
        Mapping known = known();
        return known.nanoTime + Duration.between(known.at, instant).toNanos();
    }

    /** The database's instant at that value of {@link System#nanoTime}. */
    public Instant atNanoTime(long nanoTime) {
        Mapping known = known();
        return known.atNanoTime(nanoTime).truncatedTo(ChronoUnit.MICROS);
    }

    @Override
    public void observe(Instant answered, long sent, long received) {
        long uncertainty = (received - sent) / 2;
        Mapping fresh = new Mapping(answered, sent + uncertainty, uncertainty);
        Mapping known = mapping;
        if (known == null
                || uncertainty <= WORSE * known.uncertainty
                || fresh.nanoTime - known.nanoTime > KEPT_AT_MOST.toNanos()
                || contradicts(known, fresh)) {
            mapping = fresh;
        }
    }

    /** Whether the two differ by more than their round trips explain: then the database's clock was set. */
    private static boolean contradicts(Mapping known, Mapping fresh) {
        Duration difference =
                Duration.between(known.atNanoTime(fresh.nanoTime), fresh.at).abs();
        return difference.toNanos() > known.uncertainty + fresh.uncertainty + 1_000_000;
    }

    /** Asks the database. */
    public void synchronize() throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement select = connection.prepareStatement("select clock_timestamp()")) {
            long sent = System.nanoTime();
            try (ResultSet row = select.executeQuery()) {
                long received = System.nanoTime();
                row.next();
                observe(row.getObject(1, OffsetDateTime.class).toInstant(), sent, received);
            }
        }
    }

    private Mapping known() {
        Mapping known = mapping;
        while (known == null) {
            try {
                synchronize();
            } catch (SQLException e) {
                throw new IllegalStateException("The database does not tell its time", e);
            }
            known = mapping;
        }
        return known;
    }
}

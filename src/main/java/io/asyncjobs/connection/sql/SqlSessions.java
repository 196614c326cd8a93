package io.asyncjobs.connection.sql;

import io.asyncjobs.connection.ConnectionCallException;
import io.asyncjobs.connection.Masking;
import io.asyncjobs.connection.OpenConnection;
import io.asyncjobs.connection.OpenConnections;
import io.asyncjobs.connection.OwnDatabase;
import io.asyncjobs.connection.PostgresqlSettings;
import io.asyncjobs.connection.PostgresqlSources;
import jakarta.inject.Singleton;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.jdbc.PgConnection;

/**
 * Opens the SQL sessions of runs. Thread-safe.
 *
 * <p>Each session is a connection of its own, closed with it: what one run leaves in a session (settings, temporary tables,
 * locks) is never met by another. How many one connection has open at once on this node is bounded.
 */
@Singleton
public class SqlSessions {

    /** The bound belongs to the number, so that a changed one counts at once. */
    private record Places(UUID connection, int count) {}

    private static final Duration MAX_CONNECTING = PostgresqlSources.MAX_CONNECTING;

    private final OpenConnections connections;
    private final OwnDatabase ownDatabase;
    private final PostgresqlSources sources;
    private final ConcurrentHashMap<Places, Semaphore> places = new ConcurrentHashMap<>();

    SqlSessions(OpenConnections connections, OwnDatabase ownDatabase, PostgresqlSources sources) {
        this.sources = sources;
        this.ownDatabase = ownDatabase;
        this.connections = connections;
    }

    /**
     * Whether there is a database of that name, which it says by returning.
     *
     * @param masking is told its secret
     * @throws ConnectionCallException when there is none
     */
    public boolean require(String connection, Masking masking) {
        return !opened(connection, masking).name().isEmpty();
    }

    private OpenConnection<PostgresqlSettings> opened(String connection, Masking masking) {
        OpenConnection<PostgresqlSettings> opened = connections.postgresql(connection);
        String secret = opened.secret();
        if (secret != null) {
            masking.add(secret);
        }
        return opened;
    }

    /**
     * A session of one run over one connection; the caller closes it. Waits for a free place if the connection has none.
     *
     * @param readOnly true for a trial: reads are live, every write is refused by the database
     * @param deadlineNanoTime the value of {@link System#nanoTime} after which nothing of the session goes on
     * @param masking is told the connection's secret
     * @throws ConnectionCallException when there is no such connection or it cannot be had
     */
    public SqlSession open(String connection, boolean readOnly, long deadlineNanoTime, Masking masking)
            throws InterruptedException {
        OpenConnection<PostgresqlSettings> opened = opened(connection, masking);
        PostgresqlSettings settings = opened.settings();
        Semaphore free = places.computeIfAbsent(
                new Places(opened.id(), settings.maxConnections()), key -> new Semaphore(key.count(), true));
        if (!free.tryAcquire(deadlineNanoTime - System.nanoTime(), TimeUnit.NANOSECONDS)) {
            throw SqlFailures.of(
                    "unreachable",
                    opened.name(),
                    "all of its " + settings.maxConnections() + " sessions stayed in use until the run's time was up");
        }
        boolean taken = false;
        try {
            SqlSession session = connect(opened, readOnly, deadlineNanoTime, free);
            taken = true;
            return session;
        } finally {
            if (!taken) {
                free.release();
            }
        }
    }

    private SqlSession connect(
            OpenConnection<PostgresqlSettings> opened, boolean readOnly, long deadlineNanoTime, Semaphore free)
            throws InterruptedException {
        long left = Math.min(MAX_CONNECTING.toNanos(), deadlineNanoTime - System.nanoTime());
        CompletableFuture<SqlLine> handed = new CompletableFuture<>();
        Thread connecting = Thread.ofVirtual().name("sql-connect").start(() -> connect(opened, readOnly, handed));
        try {
            SqlLine line = handed.get(left, TimeUnit.NANOSECONDS);
            return new SqlSession(opened.name(), line, opened.settings(), readOnly, deadlineNanoTime, free);
        } catch (TimeoutException e) {
            throw SqlFailures.of("unreachable", opened.name(), "the database did not answer in time");
        } catch (ExecutionException e) {
            throw switch (e.getCause()) {
                case SQLException failure -> SqlFailures.ofOpening(opened.name(), failure);
                case ConnectionCallException refused -> refused;
                case null, default -> new IllegalStateException(e.getCause());
            };
        } finally {
            // Whoever waits no longer takes no connection either. The driver itself waits without end for a server that
            // accepts and then says little or nothing; in a virtual thread an interrupt closes the socket under it
            if (handed.cancel(false)) {
                connecting.interrupt();
            }
        }
    }

    /** Hands the connection over, or closes it where nobody takes it any more. */
    private void connect(
            OpenConnection<PostgresqlSettings> opened, boolean readOnly, CompletableFuture<SqlLine> handed) {
        try {
            PGSimpleDataSource source = sources.source(opened);
            source.setMaxResultBuffer(Integer.toString(SqlSession.MAX_FETCHED_BYTES));
            PgConnection connection = source.getConnection().unwrap(PgConnection.class);
            try {
                SqlMeter meter = SqlMeter.of(connection);
                boolean own = ownDatabase.isAt(connection);
                ownDatabase.requireAllowed(opened.name(), own);
                requireOtherThanOwn(opened.name(), connection);
                meter.end();
                connection.setReadOnly(readOnly);
                connection.setAutoCommit(false);
                if (!handed.complete(new SqlLine(connection, meter, own))) {
                    connection.close();
                }
            } catch (SQLException | RuntimeException e) {
                connection.close();
                throw e;
            }
        } catch (SQLException | RuntimeException e) {
            handed.completeExceptionally(e);
        }
    }

    /** A user who can read or write the service's own tables can do anything with it: that is not for scripts. */
    private static void requireOtherThanOwn(String name, PgConnection connection) throws SQLException {
        try (Statement select = connection.createStatement();
                ResultSet own = select.executeQuery("""
                        select 1
                        from pg_catalog.pg_class c
                        where c.relname in ('connection', 'job_revision', 'job_timer')
                          and c.relkind in ('r', 'p')
                          and pg_catalog.has_table_privilege(c.oid, 'select, insert, update, delete')
                        group by c.relnamespace
                        having count(*) = 3""")) {
            if (own.next()) {
                throw SqlFailures.of(
                        "unusable",
                        name,
                        "the connection's user can reach the tables of an Async Job Manager; it needs another user");
            }
        }
    }
}

package io.asyncjobs.connection;

import com.fasterxml.jackson.databind.JsonNode;
import io.asyncjobs.connection.SqlStatement.RefusedStatementException;
import io.asyncjobs.platform.memory.ByteBudget;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.TransactionState;
import org.postgresql.jdbc.PgConnection;

/**
 * One transaction of one run over one PostgreSQL connection.
 *
 * <p>Statements are carried out one at a time, each in the calling thread; {@link #cancel} and {@link #close} may be
 * called from any other. What is not committed is rolled back at the close. Every method but these two throws
 * {@link ConnectionCallException}.
 */
public final class SqlSession implements AutoCloseable {

    /** Of one fetch from the server. */
    static final int MAX_FETCHED_BYTES = 16 * 1024 * 1024;

    /** Of a whole answer: rows that fit into a result, and what the driver does not bound, like the text of an error. */
    private static final int MAX_ANSWER_BYTES = 16 * 1024 * 1024;

    private static final int FETCH_ROWS = 100;
    private static final Duration CANCEL_GRACE = Duration.ofSeconds(1);
    private static final Logger LOG = Logger.getLogger(SqlSession.class);

    private final String name;
    private final PgConnection connection;
    private final PostgresqlSettings settings;
    private final boolean readOnly;
    private final long deadlineNanoTime;
    private final Semaphore place;
    private final SqlWatch watch;
    private final SqlMeter meter;
    private final boolean own;
    private final ReentrantLock turn = new ReentrantLock();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile boolean cancelled;
    private volatile boolean flooded;

    // Guarded by turn
    private @Nullable String transaction;
    private boolean doomed;
    private boolean broken;

    /**
     * What a session begins with.
     *
     * @param meter counts what the connection reads
     * @param own whether it leads to the service's own database
     */
    record Opened(PgConnection connection, SqlMeter meter, boolean own) {}

    private SqlSession(
            String name,
            Opened opened,
            PostgresqlSettings settings,
            boolean readOnly,
            long deadlineNanoTime,
            Semaphore place) {
        this.meter = opened.meter;
        this.own = opened.own;
        this.name = name;
        this.connection = opened.connection;
        this.settings = settings;
        this.readOnly = readOnly;
        this.deadlineNanoTime = deadlineNanoTime;
        this.place = place;
        this.watch = SqlWatch.start(deadlineNanoTime, this::cancel, this::flooded);
    }

    /** Takes over connection and place: both go with the session's end. */
    static SqlSession begin(
            String name,
            Opened opened,
            PostgresqlSettings settings,
            boolean readOnly,
            long deadlineNanoTime,
            Semaphore place) {
        PgConnection connection = opened.connection;
        try {
            connection.setReadOnly(readOnly);
            connection.setAutoCommit(false);
        } catch (SQLException e) {
            throw new IllegalStateException("Neither asks the server", e);
        }
        return new SqlSession(name, opened, settings, readOnly, deadlineNanoTime, place);
    }

    /**
     * Carries out one statement that only reads; the database refuses any change. A failure leaves the transaction as it
     * was before.
     *
     * @param text with {@code $1}, {@code $2} for the parameters
     * @param parameters any JSON; a null is SQL's null
     * @param memory asked for room for the answer while it is read
     */
    public SqlResult query(String text, List<JsonNode> parameters, ByteBudget.Hold memory) {
        return inTurn(() -> {
            requireUsable();
            SqlStatement statement = parsed(text, parameters);
            if (!statement.onlyReads()) {
                throw SqlFailures.of(
                        name,
                        "sql.query takes statements that read (SELECT, WITH, VALUES, TABLE, SHOW, EXPLAIN);"
                                + " sql.execute takes the others");
            }
            if (own && statement.reachesPastTheTransaction()) {
                throw SqlFailures.of(name, "pg_notify cannot be called in the service's own database");
            }
            beginIfNone();
            command("savepoint asyncjobs_query; set transaction read only; set local statement_timeout = "
                    + statementTimeoutMillis());
            try {
                SqlResult result = run(statement, parameters, memory);
                command("release savepoint asyncjobs_query");
                return result;
            } catch (ConnectionCallException e) {
                if (!broken) {
                    command("rollback to savepoint asyncjobs_query; release savepoint asyncjobs_query");
                }
                throw e;
            }
        });
    }

    /** Carries out one statement that may change something. After a failure the transaction can only be rolled back. */
    public SqlResult execute(String text, List<JsonNode> parameters, ByteBudget.Hold memory) {
        return inTurn(() -> {
            requireUsable();
            SqlStatement statement = parsed(text, parameters);
            if (!statement.isAllowed()) {
                throw SqlFailures.of(
                        name,
                        "a statement that begins with "
                                + HttpFailures.shown(statement.keyword()).toUpperCase(Locale.ROOT)
                                + " cannot be carried out here");
            }
            if (own && statement.reachesPastTheTransaction()) {
                throw SqlFailures.of(
                        name, "DO, NOTIFY and pg_notify cannot be carried out in the service's own database");
            }
            beginIfNone();
            doomed = true;
            command("set local statement_timeout = " + statementTimeoutMillis());
            SqlResult result = run(statement, parameters, memory);
            doomed = false;
            return result;
        });
    }

    /** Makes what was done last; the next statement begins a new transaction. */
    public void commit() {
        inTurn(() -> {
            requireUsable();
            String expected = transaction;
            if (expected == null) {
                return Boolean.TRUE;
            }
            if (!expected.equals(marker())) {
                // Something ended the transaction that was begun here, past all checks: what it did cannot be told
                broken = true;
                throw SqlFailures.of(name, "a statement ended the transaction; what came after it was not committed");
            }
            transaction = null;
            try {
                command("set local statement_timeout = " + statementTimeoutMillis());
                connection.commit();
            } catch (SQLException e) {
                broken = true;
                LOG.debugf(e, "A commit over %s failed", name);
                if (SqlFailures.isBroken(e)) {
                    throw SqlFailures.of(
                            name, "the connection broke off while committing: the changes may be there, or not");
                }
                throw SqlFailures.ofStatement(name, e);
            }
            return Boolean.TRUE;
        });
    }

    /** Undoes what was done since the last commit; the next statement begins a new transaction. */
    public void rollback() {
        inTurn(() -> {
            requireOpen();
            try {
                connection.rollback();
            } catch (SQLException e) {
                throw failed(e);
            }
            transaction = null;
            doomed = false;
            return Boolean.TRUE;
        });
    }

    /** Ends the statement that is carried out now, and the session with it. Does not wait. */
    public void cancel() {
        cancelled = true;
        if (closed.get()) {
            return;
        }
        Thread.ofVirtual().name("sql-cancel").start(() -> {
            try {
                // Also where the line is cut already: the server would not notice before the statement's end
                connection.getQueryExecutor().sendQueryCancel();
                // Should the server not listen, the line is cut
                TimeUnit.NANOSECONDS.sleep(CANCEL_GRACE.toNanos());
            } catch (SQLException e) {
                LOG.debugf(e, "A statement over %s could not be cancelled", name);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                close();
            }
        });
    }

    /** Gives the connection back; can be called more than once. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        watch.end();
        try {
            if (turn.tryLock()) {
                try {
                    // Tells the server, which rolls back
                    connection.close();
                } finally {
                    turn.unlock();
                }
            } else {
                // Somebody waits for the server: the socket is closed under them
                connection.abort(Runnable::run);
            }
        } catch (SQLException e) {
            LOG.debugf(e, "A session of %s did not end in order", name);
        } finally {
            place.release();
        }
    }

    private void flooded() {
        flooded = true;
        cancel();
    }

    /** Whoever can read or write the service's own tables can do anything with it: that is not for scripts. */
    static void requireOtherThanOwn(String name, PgConnection connection) throws SQLException {
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
                        name,
                        "the connection's user can reach the tables of an Async Job Manager; it needs another user");
            }
        }
    }

    private SqlStatement parsed(String text, List<JsonNode> parameters) {
        try {
            return SqlStatement.of(text, parameters.size(), connection.getStandardConformingStrings());
        } catch (RefusedStatementException e) {
            throw SqlFailures.of(name, String.valueOf(e.getMessage()));
        }
    }

    /** The marker is the transaction's own: it goes when the transaction goes, whoever ends it. */
    private void beginIfNone() {
        if (transaction != null) {
            return;
        }
        String marker = UUID.randomUUID().toString();
        command("select set_config('asyncjobs.session', '" + marker + "', true);"
                + " set local timezone = 'UTC'; set local intervalstyle = iso_8601;"
                + " set local client_min_messages = error;"
                + " set local idle_in_transaction_session_timeout = '310s'");
        transaction = marker;
    }

    private @Nullable String marker() {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select current_setting('asyncjobs.session', true)")) {
            return row.next() ? row.getString(1) : null;
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** Statements of our own, in one exchange. */
    private void command(String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private SqlResult run(SqlStatement parsed, List<JsonNode> parameters, ByteBudget.Hold memory) {
        SqlResult result;
        meter.begin(MAX_ANSWER_BYTES, memory, deadlineNanoTime);
        try (PreparedStatement statement = connection.prepareStatement(parsed.driverText())) {
            statement.setFetchSize(FETCH_ROWS);
            watch.over(statement);
            SqlParameters.bind(connection, statement, parsed, parameters);
            if (statement.execute()) {
                try (ResultSet rows = statement.getResultSet()) {
                    result = SqlRows.read(rows);
                }
                if (parsed.changesRows()) {
                    result = new SqlResult(result.rowsJson(), result.rowCount(), result.rowCount());
                }
            } else {
                result = new SqlResult("[]", 0, Math.max(0, statement.getLargeUpdateCount()));
            }
        } catch (SQLException e) {
            throw failed(e);
        } catch (RefusedStatementException | SqlRows.TooLargeException e) {
            throw SqlFailures.of(name, String.valueOf(e.getMessage()));
        } catch (OutOfMemoryError e) {
            // The server announced a value that this process has no room for; reading stopped in the middle of it
            broken = true;
            close();
            throw SqlFailures.of(name, "the answer is too large");
        } finally {
            watch.over(null);
            meter.end();
        }
        if (connection.getTransactionState() != TransactionState.OPEN) {
            broken = true;
            throw SqlFailures.of(name, "the statement ended the transaction, which only the service may");
        }
        return result;
    }

    private void requireUsable() {
        requireOpen();
        if (doomed) {
            throw SqlFailures.of(
                    name, "an earlier sql.execute failed, so that the transaction can only be rolled back");
        }
    }

    private void requireOpen() {
        if (cancelled) {
            broken = true;
            throw ended();
        }
        if (broken || closed.get()) {
            throw SqlFailures.broken(name);
        }
    }

    private long statementTimeoutMillis() {
        long left = Duration.ofNanos(deadlineNanoTime - System.nanoTime()).toMillis();
        return Math.clamp(left, 1, settings.statementTimeoutMillis());
    }

    private ConnectionCallException ended() {
        return SqlFailures.of(
                name,
                System.nanoTime() - deadlineNanoTime >= 0
                        ? "the database did not answer in the time that the run had left"
                        : "the session was cancelled");
    }

    private ConnectionCallException failed(SQLException e) {
        if (flooded || meter.isExceeded() || String.valueOf(e.getMessage()).contains("maxResultBuffer")) {
            broken = true;
            close();
            return SqlFailures.of(name, "the answer is too large");
        }
        if (cancelled || Thread.currentThread().isInterrupted()) {
            broken = true;
            if (!cancelled) {
                cancel();
            }
            LOG.debugf(e, "A statement over %s was cancelled", name);
            return ended();
        }
        if (SqlFailures.isBroken(e)) {
            broken = true;
            LOG.debugf(e, "A session of %s broke off", name);
            return SqlFailures.broken(name);
        }
        return switch (String.valueOf(e.getSQLState())) {
            case SqlFailures.CANCELED ->
                SqlFailures.of(
                        name,
                        "the statement took longer than the %d ms it had, or was cancelled in the database"
                                .formatted(settings.statementTimeoutMillis()));
            case SqlFailures.READ_ONLY ->
                SqlFailures.of(
                        name,
                        readOnly
                                ? "a trial only reads (" + SqlFailures.READ_ONLY + ")"
                                : "sql.query only reads; sql.execute is for changes (" + SqlFailures.READ_ONLY + ")");
            default -> SqlFailures.ofStatement(name, e);
        };
    }

    private interface Step<T> {
        T run();
    }

    private <T> T inTurn(Step<T> step) {
        turn.lock();
        try {
            return step.run();
        } finally {
            turn.unlock();
        }
    }
}

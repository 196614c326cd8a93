package io.asyncjobs.connection.sql;

import io.asyncjobs.connection.ConnectionCallException;
import io.asyncjobs.connection.ExactNumbers;
import io.asyncjobs.connection.PostgresqlSettings;
import io.asyncjobs.connection.sql.SqlStatement.RefusedStatementException;
import io.asyncjobs.platform.memory.ByteBudget;
import java.sql.BatchUpdateException;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
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
    private final SqlTransaction transaction;
    /** Whether a trial passed over what would have changed the database's tables. */
    private boolean passedOver;

    private final SqlCursors cursors = new SqlCursors(this);

    private boolean broken;

    /** Takes over connection and place: both go with the session's end. */
    SqlSession(
            String name,
            SqlLine line,
            PostgresqlSettings settings,
            boolean readOnly,
            long deadlineNanoTime,
            Semaphore place) {
        this.meter = line.meter();
        this.own = line.own();
        this.name = name;
        this.connection = line.connection();
        this.transaction = new SqlTransaction(line.connection());
        this.settings = settings;
        this.readOnly = readOnly;
        this.deadlineNanoTime = deadlineNanoTime;
        this.place = place;
        this.watch = SqlWatch.start(deadlineNanoTime, this::cancel, this::flooded);
    }

    /**
     * Carries out one statement that only reads; the database refuses any change. A failure leaves the transaction as it
     * was before.
     *
     * @param call with {@code $1}, {@code $2} for the parameters
     * @param memory asked for room for the answer while it is read
     */
    public SqlResult query(SqlCall call, ByteBudget.Hold memory) {
        return inTurn(() -> read(parsed(call, SqlStatement.Use.QUERY), call, memory));
    }

    /** Queries whose rows are read some at a time. */
    public SqlCursors cursors() {
        return cursors;
    }

    String name() {
        return name;
    }

    SqlResult read(SqlStatement statement, SqlCall call, ByteBudget.Hold memory) {
        requireOpen();
        save(true);
        return orUndone(() -> run(statement, memory, execution -> execution.carryOut(call)));
    }

    /**
     * Carries out one statement that may change something. A failure undoes what the statement did, and leaves the
     * transaction as it was before.
     */
    public SqlResult execute(SqlCall call, ByteBudget.Hold memory) {
        return inTurn(() -> {
            requireOpen();
            SqlStatement statement = parsed(call, SqlStatement.Use.EXECUTE);
            save(false);
            return orUndone(() -> run(statement, memory, execution -> execution.carryOut(call)));
        });
    }

    /**
     * Carries out one statement for many rows in one exchange with the server. A failure undoes all of them.
     *
     * @return without rows of its own; counts what was changed
     */
    public SqlResult executeBatch(SqlBatch batch, ByteBudget.Hold memory) {
        return inTurn(() -> {
            requireOpen();
            SqlStatement statement = parsed(batch.row(0), SqlStatement.Use.BATCH);
            save(false);
            return orUndone(() -> run(statement, memory, execution -> execution.carryOut(batch)));
        });
    }

    /**
     * Has the database plan what {@link #execute} would carry out, so that missing tables and columns, parameters that do
     * not fit and missing rights are found, and nothing is done. Of what cannot be planned (DDL, CALL, DO) it reads the
     * syntax. After that, a table may be missing here that would be there, so such errors are passed over.
     */
    public void check(SqlCall call, ByteBudget.Hold memory) {
        inTurn(() -> {
            requireOpen();
            SqlStatement statement = parsed(call, SqlStatement.Use.EXECUTE);
            save(true);
            if (!statement.canBePlanned()) {
                orUndone(() -> parse(statement));
                passedOver = true;
                return Boolean.TRUE;
            }
            try {
                orUndone(() -> run(statement.planned(), memory, execution -> execution.carryOut(call)));
            } catch (ConnectionCallException e) {
                if (!passedOver || !SqlFailures.isOfMissingObject(e)) {
                    throw e;
                }
            }
            return Boolean.TRUE;
        });
    }

    /** Makes what was done last; the next statement begins a new transaction. */
    public void commit() {
        inTurn(() -> {
            requireOpen();
            if (!transaction.isBegun()) {
                return Boolean.TRUE;
            }
            if (isLost()) {
                broken = true;
                throw SqlFailures.of(
                        "broken", name, "a statement ended the transaction; what came after it was not committed");
            }
            cursors.ended();
            try {
                transaction.commit(statementTimeoutMillis());
            } catch (SQLException e) {
                broken = true;
                LOG.debugf(e, "A commit over %s failed", name);
                if (SqlFailures.isBroken(e)) {
                    throw SqlFailures.of(
                            "commit_unsure",
                            name,
                            "the connection broke off while committing: the changes may be there, or not");
                }
                throw SqlFailures.ofStatement(name, e);
            }
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

    SqlStatement parsed(SqlCall call, SqlStatement.Use use) {
        try {
            SqlStatement statement =
                    SqlStatement.of(call.text(), call.parameters().size(), connection.getStandardConformingStrings());
            statement.requireAllowed(use, own);
            return statement;
        } catch (RefusedStatementException e) {
            throw SqlFailures.refused(name, String.valueOf(e.getMessage()));
        }
    }

    private void save(boolean readOnlyStatement) {
        boolean begins = !transaction.isBegun();
        try {
            transaction.save(readOnlyStatement, statementTimeoutMillis());
        } catch (SQLException e) {
            ConnectionCallException failure = failed(e);
            if (!begins) {
                // What was done before cannot be had again, nor be committed
                broken = true;
            } else if (!broken) {
                rollbackQuietly();
            }
            throw failure;
        }
    }

    private void rollbackQuietly() {
        try {
            transaction.rollback();
        } catch (SQLException e) {
            broken = true;
            LOG.debugf(e, "A transaction over %s could not be rolled back", name);
        }
    }

    private <T> T orUndone(Supplier<T> statement) {
        try {
            return statement.get();
        } catch (ConnectionCallException e) {
            if (!broken) {
                try {
                    transaction.undoStatement();
                } catch (SQLException notUndone) {
                    broken = true;
                    LOG.debugf(notUndone, "A statement over %s could not be undone", name);
                }
            }
            throw e;
        }
    }

    private boolean isLost() {
        try {
            return transaction.isLost();
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** Only the server knows its syntax. */
    private Boolean parse(SqlStatement parsed) {
        try (PreparedStatement statement = connection.prepareStatement(parsed.driverText())) {
            statement.getMetaData();
            return Boolean.TRUE;
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private SqlResult run(SqlStatement parsed, ByteBudget.Hold memory, SqlExecution.Work work) {
        SqlResult result;
        meter.begin(MAX_ANSWER_BYTES, memory, deadlineNanoTime);
        try (PreparedStatement statement = connection.prepareStatement(parsed.driverText())) {
            watch.over(statement);
            result = work.on(new SqlExecution(connection, statement, parsed));
        } catch (BatchUpdateException e) {
            throw SqlFailures.inRow(e, failed(SqlFailures.cause(e)));
        } catch (SQLException e) {
            throw failed(e);
        } catch (RefusedStatementException e) {
            throw SqlFailures.refused(name, String.valueOf(e.getMessage()));
        } catch (SqlRows.TooLargeException e) {
            throw SqlFailures.of("too_large", name, String.valueOf(e.getMessage()));
        } catch (ExactNumbers.InexactException e) {
            throw SqlFailures.of("inexact_number", name, String.valueOf(e.getMessage()));
        } catch (OutOfMemoryError e) {
            // The server announced a value that this process has no room for; reading stopped in the middle of it
            broken = true;
            close();
            throw SqlFailures.of("too_large", name, "the answer is too large");
        } finally {
            watch.over(null);
            meter.end();
        }
        if (connection.getTransactionState() != TransactionState.OPEN) {
            broken = true;
            throw SqlFailures.of("broken", name, "the statement ended the transaction, which only the service may");
        }
        return result;
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
                "cancelled",
                name,
                System.nanoTime() - deadlineNanoTime >= 0
                        ? "the database did not answer in the time that the run had left"
                        : "the session was cancelled");
    }

    private ConnectionCallException failed(SQLException e) {
        if (flooded || meter.isExceeded() || String.valueOf(e.getMessage()).contains("maxResultBuffer")) {
            broken = true;
            close();
            return SqlFailures.of("too_large", name, "the answer is too large");
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
        return SqlFailures.ofStatement(name, e, settings.statementTimeoutMillis(), readOnly);
    }

    <T> T inTurn(Supplier<T> step) {
        turn.lock();
        try {
            return step.get();
        } finally {
            turn.unlock();
        }
    }
}

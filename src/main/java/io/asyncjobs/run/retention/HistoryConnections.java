package io.asyncjobs.run.retention;

import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;

/** Connections for upkeep: a statement over millions of rows may take longer than one that somebody waits for. */
@Singleton
class HistoryConnections {

    private static final Duration PATIENCE = Duration.ofMinutes(30);

    private final Jdbi jdbi;

    HistoryConnections(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** Without a transaction around. */
    <T> T with(Function<Handle, T> work) {
        return jdbi.withHandle(handle -> patiently(handle, work));
    }

    <T> T inTransaction(Function<Handle, T> work) {
        return with(handle -> handle.inTransaction(work::apply));
    }

    /** Whether the statement waited for a lock longer than it was told to. */
    static boolean isLockTimeout(UnableToExecuteStatementException e) {
        return e.getCause() instanceof SQLException sql && "55P03".equals(sql.getSQLState());
    }

    /** What the database says where its role lacks a right, in one line; empty where something else failed. */
    static Optional<String> missingRight(RuntimeException e) {
        return e.getCause() instanceof SQLException sql && "42501".equals(sql.getSQLState())
                ? String.valueOf(sql.getMessage()).lines().findFirst()
                : Optional.empty();
    }

    /** For the rest of the session; returns what it was before. */
    private static String limitStatements(Handle handle, String limit) {
        String before = handle.createQuery("select current_setting('statement_timeout')")
                .mapTo(String.class)
                .one();
        handle.createQuery("select set_config('statement_timeout', :limit, false)")
                .bind("limit", limit)
                .mapTo(String.class)
                .one();
        return before;
    }

    private static <T> T patiently(Handle handle, Function<Handle, T> work) {
        try {
            Connection connection = handle.getConnection();
            int usual = connection.getNetworkTimeout();
            connection.setNetworkTimeout(Runnable::run, Math.toIntExact(PATIENCE.toMillis()));
            String limit = limitStatements(handle, PATIENCE.toMillis() + "ms");
            try {
                return work.apply(handle);
            } finally {
                if (!connection.isClosed()) {
                    limitStatements(handle, limit);
                    connection.setNetworkTimeout(Runnable::run, usual);
                }
            }
        } catch (SQLException e) {
            throw new ConnectionException(e);
        }
    }
}

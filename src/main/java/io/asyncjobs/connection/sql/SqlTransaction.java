package io.asyncjobs.connection.sql;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;

/**
 * The transaction of a session: it begins with the first statement, and a savepoint stands before each. Confined to the
 * session's turn.
 *
 * <p>A marker in a setting of the transaction tells whether it is still the one that was begun here. The setting goes with
 * the transaction, whoever ends it.
 */
final class SqlTransaction {

    private final PgConnection connection;
    private @Nullable String marker;
    /** Whether there is a savepoint, which the next statement releases. */
    private boolean saved;

    SqlTransaction(PgConnection connection) {
        this.connection = connection;
    }

    boolean isBegun() {
        return marker != null;
    }

    /**
     * Begins the transaction where there is none, and sets a savepoint in place of the last one. That is the one exchange
     * that every statement needs for its time limit, so savepoints cost no exchange of their own.
     *
     * @param readOnly whether the database is to refuse changes until {@link #undoStatement}
     */
    void save(boolean readOnly, long timeoutMillis) throws SQLException {
        String begun = marker == null ? UUID.randomUUID().toString() : null;
        StringBuilder commands = new StringBuilder();
        if (begun != null) {
            commands.append("select set_config('asyncjobs.session', '")
                    .append(begun)
                    .append("', true); set local timezone = 'UTC'; set local intervalstyle = iso_8601;"
                            + " set local client_min_messages = error;"
                            + " set local idle_in_transaction_session_timeout = '310s'; ");
        }
        if (saved) {
            commands.append("release savepoint asyncjobs_statement; ");
        }
        commands.append("savepoint asyncjobs_statement; ");
        if (readOnly) {
            commands.append("set transaction read only; ");
        }
        run(commands.append(timeout(timeoutMillis)).toString());
        if (begun != null) {
            marker = begun;
        }
        saved = true;
    }

    /** Goes back to the savepoint. */
    void undoStatement() throws SQLException {
        run("rollback to savepoint asyncjobs_statement");
    }

    /** Whether a statement ended the transaction past all checks: what it committed is unknown. */
    boolean isLost() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select current_setting('asyncjobs.session', true)")) {
            return !row.next() || !String.valueOf(marker).equals(row.getString(1));
        }
    }

    void commit(long timeoutMillis) throws SQLException {
        marker = null;
        saved = false;
        run(timeout(timeoutMillis));
        connection.commit();
    }

    void rollback() throws SQLException {
        connection.rollback();
        marker = null;
        saved = false;
    }

    private static String timeout(long millis) {
        return "set local statement_timeout = " + millis;
    }

    private void run(String commands) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(commands);
        }
    }
}

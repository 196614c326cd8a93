package io.asyncjobs.connection.sql;

import io.asyncjobs.connection.ConnectionCallException;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Failures of SQL sessions in words for scripts; what stands behind them goes to the log, at level debug. */
final class SqlFailures {

    private static final String READ_ONLY = "25006";
    private static final String CANCELED = "57014";
    private static final int MAX_MESSAGE = 1000;
    /** The first number, whatever the language of the driver's message. */
    private static final Pattern BATCH_ENTRY = Pattern.compile("\\d+");

    private static final Logger LOG = Logger.getLogger(SqlSession.class);

    private SqlFailures() {}

    static ConnectionCallException of(String code, String connection, String what) {
        return of(code, connection, what, null);
    }

    /** As {@link #of(String, String, String)}, of an error to which the database gives that code. */
    static ConnectionCallException of(String code, String connection, String what, @Nullable String sqlState) {
        return new ConnectionCallException(code, "sql: " + connection + ": " + what).with("sqlState", sqlState);
    }

    /** The statement, or what was given with it, was refused before the database saw it. */
    static ConnectionCallException refused(String connection, String what) {
        return of("refused", connection, what);
    }

    /** The session could not be had. What the server says here names hosts and roles: only its kind is told. */
    static ConnectionCallException ofOpening(String connection, SQLException e) {
        LOG.debugf(e, "No session of %s", connection);
        String state = Objects.requireNonNullElse(e.getSQLState(), "");
        return of(
                "unreachable",
                connection,
                switch (state) {
                    case "28000", "28P01" -> "the database does not let the connection's user in";
                    case "3D000" -> "there is no database of that name";
                    case "53300" -> "the database has no free connection";
                    case "57P03" -> "the database does not take connections now";
                    default ->
                        state.startsWith("42") || state.startsWith("22")
                                ? "the database refused the session (" + state + ")"
                                : "the database could not be reached, or not safely (TLS)";
                },
                e.getSQLState());
    }

    /** The statement failed: the database's own words, which hold nothing that the script could not read as well. */
    static ConnectionCallException ofStatement(String connection, SQLException e) {
        LOG.debugf(e, "A statement over %s failed", connection);
        ServerErrorMessage message = e instanceof PSQLException server ? server.getServerErrorMessage() : null;
        String words = message == null ? null : message.getMessage();
        if (message == null || words == null) {
            return of("statement_failed", connection, "the statement could not be carried out", e.getSQLState());
        }
        return of("statement_failed", connection, shortened(words) + " (" + e.getSQLState() + ")", e.getSQLState())
                .with("constraint", message.getConstraint())
                .with("table", message.getTable())
                .with("column", message.getColumn());
    }

    /**
     * As {@link #ofStatement(String, SQLException)}, of one that may have met the limits of its session.
     *
     * @param trial whether the whole session only reads
     */
    static ConnectionCallException ofStatement(String connection, SQLException e, long timeoutMillis, boolean trial) {
        return switch (String.valueOf(e.getSQLState())) {
            case CANCELED ->
                of(
                        "timeout",
                        connection,
                        "the statement took longer than the %d ms it had, or was cancelled in the database"
                                .formatted(timeoutMillis),
                        CANCELED);
            case READ_ONLY ->
                of(
                        "read_only",
                        connection,
                        (trial ? "a trial only reads" : "sql.query only reads; sql.execute is for changes") + " ("
                                + READ_ONLY + ")",
                        READ_ONLY);
            default -> ofStatement(connection, e);
        };
    }

    /** The failure of a batch with the row, from 1, that the driver names in its message. */
    static ConnectionCallException inRow(BatchUpdateException batch, ConnectionCallException failure) {
        Matcher entry = BATCH_ENTRY.matcher(String.valueOf(batch.getMessage()));
        if (!entry.find()) {
            return failure;
        }
        int row = Integer.parseInt(entry.group()) + 1;
        return failure.saying(failure.getMessage() + ", in row " + row).with("row", row);
    }

    /** What the server said of the row that failed. */
    static SQLException cause(BatchUpdateException batch) {
        return batch.getCause() instanceof SQLException cause ? cause : batch;
    }

    static ConnectionCallException broken(String connection) {
        return of("broken", connection, "the connection to the database broke off");
    }

    /** Whether something that the statement names is not there, or is not as the statement wants it. */
    static boolean isOfMissingObject(ConnectionCallException e) {
        return e.fields().get("sqlState") instanceof String state && state.startsWith("42");
    }

    static boolean isBroken(SQLException e) {
        String state = e.getSQLState();
        return state != null && (state.startsWith("08") || state.startsWith("57P"));
    }

    private static String shortened(String words) {
        return words.length() <= MAX_MESSAGE ? words : words.substring(0, MAX_MESSAGE) + "…";
    }
}

package io.asyncjobs.connection.sql;

import io.asyncjobs.connection.ConnectionCallException;
import java.sql.SQLException;
import java.util.Objects;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Failures of SQL sessions in words for scripts; what stands behind them goes to the log, at level debug. */
final class SqlFailures {

    private static final String READ_ONLY = "25006";
    private static final String CANCELED = "57014";
    private static final int MAX_MESSAGE = 1000;
    private static final Logger LOG = Logger.getLogger(SqlSession.class);

    private SqlFailures() {}

    static ConnectionCallException of(String code, String connection, String what) {
        return of(code, connection, what, null);
    }

    /** As {@link #of(String, String, String)}, of an error to which the database gives that code. */
    static ConnectionCallException of(String code, String connection, String what, @Nullable String sqlState) {
        return new ConnectionCallException(code, "sql: " + connection + ": " + what, sqlState, 0, null);
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
        return words == null
                ? of("statement_failed", connection, "the statement could not be carried out", e.getSQLState())
                : of("statement_failed", connection, shortened(words) + " (" + e.getSQLState() + ")", e.getSQLState());
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

package io.asyncjobs.connection;

import java.sql.SQLException;
import java.util.Objects;
import org.jboss.logging.Logger;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Failures of SQL sessions in words for scripts; what stands behind them goes to the log, at level debug. */
final class SqlFailures {

    static final String READ_ONLY = "25006";
    static final String CANCELED = "57014";
    private static final int MAX_MESSAGE = 1000;
    private static final Logger LOG = Logger.getLogger(SqlSession.class);

    private SqlFailures() {}

    static ConnectionCallException of(String connection, String what) {
        return new ConnectionCallException("sql: " + connection + ": " + what);
    }

    /** The session could not be had. What the server says here names hosts and roles: only its kind is told. */
    static ConnectionCallException ofOpening(String connection, SQLException e) {
        LOG.debugf(e, "No session of %s", connection);
        String state = Objects.requireNonNullElse(e.getSQLState(), "");
        return of(
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
                });
    }

    /** The statement failed: the database's own words, which hold nothing that the script could not read as well. */
    static ConnectionCallException ofStatement(String connection, SQLException e) {
        LOG.debugf(e, "A statement over %s failed", connection);
        ServerErrorMessage message = e instanceof PSQLException server ? server.getServerErrorMessage() : null;
        String words = message == null ? null : message.getMessage();
        return words == null
                ? of(connection, "the statement could not be carried out")
                : of(connection, shortened(words) + " (" + e.getSQLState() + ")");
    }

    static ConnectionCallException broken(String connection) {
        return of(connection, "the connection to the database broke off");
    }

    static boolean isBroken(SQLException e) {
        String state = e.getSQLState();
        return state != null && (state.startsWith("08") || state.startsWith("57P"));
    }

    private static String shortened(String words) {
        return words.length() <= MAX_MESSAGE ? words : words.substring(0, MAX_MESSAGE) + "…";
    }
}

package io.asyncjobs.platform;

import jakarta.transaction.RollbackException;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;

/** What a refusal of the database says: of the values, of a lock, or of neither. */
public final class DatabaseFaults {

    /** Data exceptions, broken constraints, limits of the database, errors of functions, damaged pages. */
    private static final Set<String> OF_THE_DATA = Set.of("22", "23", "54", "P0", "XX");

    /** How a reason begins that is the database's own word. */
    public static final String REFUSAL = "The database refuses this job's timer: ";

    private static final int MOST_CHARACTERS = 900;
    private static final String LOCK_NOT_AVAILABLE = "55P03";
    private static final String QUERY_CANCELED = "57014";

    private DatabaseFaults() {}

    /** Whether the database refused the values themselves, so that trying again with the same ones is of no use. */
    public static boolean isOfTheData(Throwable failure) {
        return state(failure)
                .filter(state -> OF_THE_DATA.contains(state.substring(0, 2)))
                .isPresent();
    }

    /** Whether the database could not be reached, or did not answer in time. */
    public static boolean isOfTheConnection(Throwable failure) {
        return sql(failure)
                .filter(sql -> sql.getSQLState() == null
                        || sql.getSQLState().startsWith("08")
                        || sql.getSQLState().startsWith("57P"))
                .isPresent();
    }

    /** Whether it was the database, or the way to it, that failed. */
    public static boolean isOfTheDatabase(Throwable failure) {
        return sql(failure).isPresent();
    }

    /** Whether a lock was waited for in vain, or the statement took longer than it may. */
    public static boolean isOfWaiting(Throwable failure) {
        return state(failure)
                .filter(state -> state.equals(LOCK_NOT_AVAILABLE) || state.equals(QUERY_CANCELED))
                .isPresent();
    }

    /** What the database said, in one line for people. */
    public static String reason(Throwable failure) {
        return REFUSAL
                + sql(failure)
                        .map(SQLException::getMessage)
                        .orElseGet(() -> String.valueOf(failure.getMessage()))
                        .lines()
                        .findFirst()
                        .map(line -> line.substring(0, Math.min(line.length(), MOST_CHARACTERS)))
                        .orElse("");
    }

    private static Optional<String> state(Throwable failure) {
        return sql(failure).map(SQLException::getSQLState).filter(state -> state.length() == 5);
    }

    private static Optional<SQLException> sql(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                return Optional.of(sql);
            }
            if (cause instanceof RollbackException) {
                // A commit that fails says only there why
                for (Throwable suppressed : cause.getSuppressed()) {
                    Optional<SQLException> found = sql(suppressed);
                    if (found.isPresent()) {
                        return found;
                    }
                }
            }
        }
        return Optional.empty();
    }
}

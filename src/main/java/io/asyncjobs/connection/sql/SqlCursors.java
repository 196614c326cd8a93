package io.asyncjobs.connection.sql;

import io.asyncjobs.platform.memory.ByteBudget;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The cursors of a session: queries whose rows are read some at a time. They end with the transaction. Each method throws
 * {@link io.asyncjobs.connection.ConnectionCallException}.
 */
public final class SqlCursors {

    private static final int MOST_OPEN = 20;

    private final SqlSession session;

    // Guarded by the session's turn
    private final Set<Integer> open = new HashSet<>();

    SqlCursors(SqlSession session) {
        this.session = session;
    }

    /**
     * Opens a cursor over the rows of a statement that only reads; reads none yet.
     *
     * @param cursor its number, chosen by the caller
     */
    public SqlResult open(int cursor, SqlCall call, ByteBudget.Hold memory) {
        return session.inTurn(() -> {
            if (open.size() >= MOST_OPEN) {
                throw SqlFailures.refused(
                        session.name(), "at most " + MOST_OPEN + " queries can be read row by row at the same time");
            }
            SqlResult opened =
                    session.read(session.parsed(call, SqlStatement.Use.CURSOR).opening(cursor), call, memory);
            open.add(cursor);
            return opened;
        });
    }

    /** The next rows of a cursor, at most so many; fewer if it has no more. */
    public SqlResult fetch(int cursor, int rows, boolean bigNumbersAsText, ByteBudget.Hold memory) {
        return session.inTurn(() -> {
            if (!open.contains(cursor)) {
                throw SqlFailures.refused(
                        session.name(),
                        "the rows of a query ended with sql.commit: read all of them before, or query again");
            }
            return session.read(
                    SqlStatement.fetching(cursor, rows), new SqlCall("", List.of(), bigNumbersAsText), memory);
        });
    }

    /** Closes a cursor, if it is open. */
    public SqlResult close(int cursor, ByteBudget.Hold memory) {
        return session.inTurn(() -> open.remove(cursor)
                ? session.read(SqlStatement.closing(cursor), new SqlCall("", List.of(), false), memory)
                : new SqlResult("[]", 0, 0));
    }

    /** The transaction has ended. Called in the session's turn. */
    void ended() {
        open.clear();
    }
}

package io.asyncjobs.connection.sql;

import com.fasterxml.jackson.databind.JsonNode;
import io.asyncjobs.connection.ExactNumbers;
import io.asyncjobs.connection.sql.SqlStatement.RefusedStatementException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;

/** Carries out one prepared statement: once, or for many rows. */
final class SqlExecution {

    private static final int FETCH_ROWS = 100;

    /** What is done with the statement. */
    @FunctionalInterface
    interface Work {
        SqlResult on(SqlExecution execution)
                throws SQLException, RefusedStatementException, SqlRows.TooLargeException,
                        ExactNumbers.InexactException;
    }

    private final PreparedStatement statement;
    private final SqlStatement parsed;
    private final SqlParameters parameters;

    SqlExecution(Connection connection, PreparedStatement statement, SqlStatement parsed) {
        this.statement = statement;
        this.parsed = parsed;
        this.parameters = new SqlParameters(connection, statement, parsed);
    }

    SqlResult carryOut(SqlCall call)
            throws SQLException, RefusedStatementException, SqlRows.TooLargeException, ExactNumbers.InexactException {
        statement.setFetchSize(FETCH_ROWS);
        parameters.bind(call.parameters());
        if (!statement.execute()) {
            return new SqlResult("[]", 0, Math.max(0, statement.getLargeUpdateCount()));
        }
        try (ResultSet rows = statement.getResultSet()) {
            SqlResult result = SqlRows.read(rows, call.bigNumbersAsText());
            return parsed.changesRows()
                    ? new SqlResult(result.rowsJson(), result.rowCount(), result.rowCount())
                    : result;
        }
    }

    SqlResult carryOut(SqlBatch batch) throws SQLException, RefusedStatementException {
        int number = 0;
        for (List<JsonNode> row : batch.rows()) {
            number++;
            try {
                parameters.bind(row);
            } catch (RefusedStatementException e) {
                throw new RefusedStatementException("row " + number + ": " + e.getMessage());
            }
            statement.addBatch();
        }
        long changed = Arrays.stream(statement.executeLargeBatch())
                .filter(count -> count > 0)
                .sum();
        return new SqlResult("[]", 0, changed);
    }
}

package io.asyncjobs.connection.sql;

import com.fasterxml.jackson.databind.JsonNode;
import io.asyncjobs.connection.sql.SqlStatement.RefusedStatementException;
import java.sql.Connection;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gives JSON to a statement. Every value goes as text without a type, as if it stood quoted in the statement, and
 * PostgreSQL infers the type from its place; where it cannot, the script says it: {@code $1::int}. Objects are JSON text.
 * So are arrays, but where the place wants a PostgreSQL array, they become one: {@code id = any($1)}.
 */
final class SqlParameters {

    private final Connection connection;
    private final PreparedStatement statement;
    private final SqlStatement parsed;

    /** Asks the server, hence only where something depends on it. */
    private @Nullable ParameterMetaData types;

    /** For that statement, which was prepared from that text. */
    SqlParameters(Connection connection, PreparedStatement statement, SqlStatement parsed) {
        this.connection = connection;
        this.statement = statement;
        this.parsed = parsed;
    }

    void bind(List<JsonNode> parameters) throws SQLException, RefusedStatementException {
        int place = 0;
        for (int index : parsed.positions()) {
            place++;
            JsonNode parameter = parameters.get(index);
            if (!parameter.isArray()) {
                bindText(place, text(parameter), index);
                continue;
            }
            String type = types().getParameterTypeName(place);
            if (type != null && type.startsWith("_")) {
                statement.setArray(place, connection.createArrayOf(type.substring(1), elements(parameter, index)));
            } else {
                bindText(place, parameter.toString(), index);
            }
        }
    }

    private ParameterMetaData types() throws SQLException {
        ParameterMetaData known = types;
        if (known == null) {
            known = statement.getParameterMetaData();
            types = known;
        }
        return known;
    }

    private void bindText(int place, @Nullable String text, int index) throws SQLException, RefusedStatementException {
        if (text == null) {
            statement.setNull(place, Types.NULL);
            return;
        }
        if (text.indexOf('\0') >= 0) {
            throw new RefusedStatementException(
                    "parameter %d must not hold NUL, which PostgreSQL has no place for".formatted(index + 1));
        }
        statement.setObject(place, text, Types.OTHER);
    }

    private static @Nullable String text(JsonNode parameter) {
        return switch (parameter.getNodeType()) {
            case NULL, MISSING -> null;
            case OBJECT -> parameter.toString();
            default -> parameter.asText();
        };
    }

    private static @Nullable Object[] elements(JsonNode array, int index) throws RefusedStatementException {
        @Nullable Object[] elements = new @Nullable Object[array.size()];
        for (int i = 0; i < elements.length; i++) {
            String element = text(array.get(i));
            elements[i] = element;
            if (element != null && element.indexOf('\0') >= 0) {
                throw new RefusedStatementException(
                        "parameter %d[%d] must not hold NUL, which PostgreSQL has no place for"
                                .formatted(index + 1, i));
            }
            if (array.get(i).isArray()) {
                throw new RefusedStatementException(
                        "parameter %d[%d] is an array in an array, which cannot be a parameter"
                                .formatted(index + 1, i));
            }
        }
        return elements;
    }
}

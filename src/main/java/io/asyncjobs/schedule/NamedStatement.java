package io.asyncjobs.schedule;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import javax.sql.DataSource;
import org.jdbi.v3.core.statement.ColonPrefixSqlParser;
import org.jdbi.v3.core.statement.ParsedSql;
import org.jdbi.v3.core.statement.SqlParser;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PGInterval;

/**
 * A statement with named parameters, read once by Jdbi and run by plain JDBC.
 *
 * <p>For what happens with every run or every second: of the processor time that a node at rest needs to claim and to end
 * one, a fifth went into what a general library does to bind and map.
 */
final class NamedStatement {

    private static final SqlParser PARSER = new ColonPrefixSqlParser();

    /** What an element is called by PostgreSQL and by JDBC. */
    private record Type(String name, int jdbc) {}

    private static final Map<Class<?>, Type> TYPES = Map.of(
            UUID.class, new Type("uuid", Types.OTHER),
            Long.class, new Type("int8", Types.BIGINT),
            Boolean.class, new Type("bool", Types.BOOLEAN),
            String.class, new Type("text", Types.VARCHAR),
            OffsetDateTime.class, new Type("timestamptz", Types.TIMESTAMP_WITH_TIMEZONE));

    /** Reads the current row. */
    interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    private final String sql;
    private final List<String> parameters;
    private final boolean ofOneRow;

    NamedStatement(String text) {
        this(text, false);
    }

    private NamedStatement(String text, boolean ofOneRow) {
        // The context is only told in its failures
        ParsedSql parsed = PARSER.parse(text, null);
        this.sql = parsed.getSql();
        this.parameters = parsed.getParameters().getParameterNames();
        this.ofOneRow = ofOneRow;
    }

    /** Arrays have one element, which is sent alone. */
    static NamedStatement ofOneRow(String text) {
        return new NamedStatement(text, true);
    }

    /** As {@link #query(Connection, Map, RowReader)}, on a connection and in a transaction of its own. */
    <T> List<T> query(DataSource database, Map<String, Object> values, RowReader<T> reader) {
        try (Connection connection = database.getConnection()) {
            return query(connection, values, reader);
        } catch (SQLException e) {
            throw new IllegalStateException("The database cannot be asked: " + e.getMessage(), e);
        }
    }

    /**
     * Runs it and reads all rows.
     *
     * @param values of all parameters: text, an id, a duration, or an array of texts, ids, whole numbers, truths or times
     * @throws IllegalStateException when the database refuses, with its {@link SQLException} as cause
     */
    <T> List<T> query(Connection connection, Map<String, Object> values, RowReader<T> reader) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.size(); i++) {
                String name = parameters.get(i);
                Object value = Objects.requireNonNull(values.get(name), name);
                if (ofOneRow && value instanceof @Nullable Object[] array) {
                    bindOnly(statement, i + 1, array);
                } else {
                    bind(statement, i + 1, value);
                }
            }
            try (ResultSet rows = statement.executeQuery()) {
                List<T> read = new ArrayList<>();
                while (rows.next()) {
                    read.add(reader.read(rows));
                }
                return read;
            }
        } catch (SQLException e) {
            throw new IllegalStateException("The database refused a statement: " + e.getMessage(), e);
        }
    }

    private static void bindOnly(PreparedStatement statement, int index, @Nullable Object[] array) throws SQLException {
        Object value = array[0];
        if (value == null) {
            statement.setNull(index, typeOf(array).jdbc);
        } else {
            bind(statement, index, value);
        }
    }

    private static void bind(PreparedStatement statement, int index, Object value) throws SQLException {
        switch (value) {
            case Object[] array ->
                statement.setArray(index, statement.getConnection().createArrayOf(typeOf(array).name, array));
            case Duration duration ->
                statement.setObject(index, new PGInterval(0, 0, 0, 0, 0, duration.toNanos() / 1e9));
            default -> statement.setObject(index, value);
        }
    }

    private static Type typeOf(@Nullable Object[] array) {
        return Objects.requireNonNull(TYPES.get(array.getClass().getComponentType()));
    }
}

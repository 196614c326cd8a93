package io.asyncjobs.schedule;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.postgresql.util.PGInterval;

/**
 * A statement with parameters like {@code :name}, read once and run by plain JDBC. For what happens with every run or every
 * second: of the processor time that a node at rest needs to claim and to end one, a fifth went into what a general library does to bind and
 * map.
 */
final class NamedStatement {

    /** A colon of a cast is none of ours. */
    private static final Pattern PARAMETER = Pattern.compile("(?<!:):([a-zA-Z]+)");

    private static final Map<Class<?>, String> ARRAYS = Map.of(
            UUID.class, "uuid",
            Long.class, "int8",
            Boolean.class, "bool",
            String.class, "text",
            OffsetDateTime.class, "timestamptz");

    /** Reads the current row. */
    interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    private final String sql;
    private final List<String> names = new ArrayList<>();

    NamedStatement(String text) {
        Matcher matcher = PARAMETER.matcher(text);
        sql = matcher.replaceAll(found -> {
            names.add(found.group(1));
            return "?";
        });
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
            for (int i = 0; i < names.size(); i++) {
                bind(statement, i + 1, Objects.requireNonNull(values.get(names.get(i)), names.get(i)));
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

    private static void bind(PreparedStatement statement, int index, Object value) throws SQLException {
        switch (value) {
            case Object[] array -> {
                String type = Objects.requireNonNull(ARRAYS.get(array.getClass().getComponentType()));
                statement.setArray(index, statement.getConnection().createArrayOf(type, array));
            }
            case Duration duration ->
                statement.setObject(index, new PGInterval(0, 0, 0, 0, 0, duration.toNanos() / 1e9));
            default -> statement.setObject(index, value);
        }
    }
}

package io.asyncjobs.connection;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PGobject;

/**
 * Rows as JSON. Numbers that JavaScript holds exactly, and floating point, are numbers; {@code numeric} and larger
 * integers are texts; {@code timestamptz} is an instant in UTC; {@code json} is what it says; {@code bytea} is Base64;
 * arrays of simple types are arrays. Everything else is PostgreSQL's own text.
 */
final class SqlRows {

    static final int MAX_ROWS = 10_000;
    static final int MAX_CHARS = 4 * 1024 * 1024;

    private static final long MAX_SAFE_INTEGER = (1L << 53) - 1;
    private static final JsonFactory JSON = new JsonFactory();
    private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?([eE][+-]?\\d+)?");
    private static final Pattern WITH_OFFSET = Pattern.compile(".*\\d[+-]\\d\\d(:\\d\\d){0,2}( BC)?");

    /** The result is larger than a script may have; the message says than what. */
    static final class TooLargeException extends Exception {

        private static final long serialVersionUID = 1;

        TooLargeException(String message) {
            super(message);
        }
    }

    private record Column(int index, String name, int type) {}

    private SqlRows() {}

    /** Reads to the end, or to the limit. */
    static SqlResult read(ResultSet rows) throws SQLException, TooLargeException {
        StringWriter text = new StringWriter();
        int count = 0;
        try (JsonGenerator json = JSON.createGenerator(text)) {
            List<Column> columns = columns(rows.getMetaData());
            json.writeStartArray();
            while (rows.next()) {
                if (++count > MAX_ROWS) {
                    throw new TooLargeException("a result may have at most " + MAX_ROWS + " rows");
                }
                json.writeStartObject();
                for (Column column : columns) {
                    json.writeFieldName(column.name);
                    write(rows, column, json);
                }
                json.writeEndObject();
                json.flush();
                if (text.getBuffer().length() > MAX_CHARS) {
                    throw new TooLargeException("a result may have at most " + MAX_CHARS + " characters");
                }
            }
            json.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException("Nothing fails in memory", e);
        }
        return new SqlResult(text.toString(), count, 0);
    }

    private static List<Column> columns(ResultSetMetaData meta) throws SQLException, TooLargeException {
        List<Column> columns = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (int i = 1; i <= meta.getColumnCount(); i++) {
            String name = meta.getColumnLabel(i);
            if (!names.add(name)) {
                throw new TooLargeException(
                        "a result may have one column called '" + name + "'; give the other an alias");
            }
            columns.add(new Column(i, name, meta.getColumnType(i)));
        }
        return columns;
    }

    private static void write(ResultSet rows, Column column, JsonGenerator json) throws SQLException, IOException {
        String text = rows.getString(column.index);
        if (text == null) {
            json.writeNull();
            return;
        }
        switch (column.type) {
            case Types.SMALLINT, Types.INTEGER, Types.BIGINT -> writeWhole(text, json);
            case Types.REAL, Types.FLOAT, Types.DOUBLE -> {
                // NaN, infinities and money are no numbers to JSON
                if (NUMBER.matcher(text).matches()) {
                    json.writeNumber(text);
                } else {
                    json.writeString(text);
                }
            }
            case Types.BIT, Types.BOOLEAN -> {
                if (text.equals("t") || text.equals("f")) {
                    json.writeBoolean(text.equals("t"));
                } else {
                    json.writeString(text);
                }
            }
            case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY ->
                json.writeString(Base64.getEncoder().encodeToString(rows.getBytes(column.index)));
            case Types.TIMESTAMP, Types.TIMESTAMP_WITH_TIMEZONE -> json.writeString(time(rows, column.index, text));
            case Types.ARRAY -> writeArray(rows.getArray(column.index), text, json);
            case Types.OTHER -> writeOther(rows, column.index, text, json);
            default -> json.writeString(text);
        }
    }

    private static void writeWhole(String text, JsonGenerator json) throws IOException {
        long number;
        try {
            number = Long.parseLong(text);
        } catch (NumberFormatException e) {
            json.writeString(text);
            return;
        }
        if (Math.abs(number) <= MAX_SAFE_INTEGER && number != Long.MIN_VALUE) {
            json.writeNumber(number);
        } else {
            json.writeString(text);
        }
    }

    /** The session writes ISO dates, so that an offset at the end tells the two types apart. */
    private static String time(ResultSet rows, int index, String text) throws SQLException {
        if (text.endsWith("infinity")) {
            return text;
        }
        return WITH_OFFSET.matcher(text).matches()
                ? rows.getObject(index, OffsetDateTime.class).toInstant().toString()
                : rows.getObject(index, LocalDateTime.class).toString();
    }

    private static void writeOther(ResultSet rows, int index, String text, JsonGenerator json)
            throws SQLException, IOException {
        Object value;
        try {
            value = rows.getObject(index);
        } catch (SQLException e) {
            // A type the driver thinks it knows, with a value it does not
            value = null;
        }
        if (value instanceof PGobject object && ("json".equals(object.getType()) || "jsonb".equals(object.getType()))) {
            json.writeRawValue(text);
        } else {
            json.writeString(text);
        }
    }

    private static void writeArray(@Nullable Array array, String text, JsonGenerator json)
            throws SQLException, IOException {
        Object elements = array == null ? null : array.getArray();
        if (elements instanceof Object[] values && isSimple(values)) {
            writeElements(values, json);
        } else {
            json.writeString(text);
        }
    }

    private static boolean isSimple(Object[] values) {
        for (Object value : values) {
            boolean simple =
                    switch (value) {
                        case null -> true;
                        case Object[] nested -> isSimple(nested);
                        case String s -> true;
                        case UUID u -> true;
                        case Boolean b -> true;
                        case Number n -> true;
                        default -> false;
                    };
            if (!simple) {
                return false;
            }
        }
        return true;
    }

    private static void writeElements(Object[] values, JsonGenerator json) throws IOException {
        json.writeStartArray();
        for (Object value : values) {
            switch (value) {
                case null -> json.writeNull();
                case Object[] nested -> writeElements(nested, json);
                case Boolean b -> json.writeBoolean(b);
                case BigDecimal d -> json.writeString(d.toPlainString());
                case Float f when Float.isFinite(f) -> json.writeNumber(f);
                case Double d when Double.isFinite(d) -> json.writeNumber(d);
                case Long l -> writeWhole(l.toString(), json);
                case Integer i -> json.writeNumber(i);
                case Short s -> json.writeNumber(s);
                default -> json.writeString(value.toString());
            }
        }
        json.writeEndArray();
    }
}

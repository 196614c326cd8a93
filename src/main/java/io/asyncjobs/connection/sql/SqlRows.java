package io.asyncjobs.connection.sql;

import com.fasterxml.jackson.core.JsonGenerator;
import io.asyncjobs.connection.ExactNumbers;
import io.asyncjobs.connection.LargeJson;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PGobject;

/**
 * Rows as JSON. Numbers that JavaScript holds exactly, and floating point, are numbers; {@code numeric} and larger
 * integers are texts; for times see {@link SqlTimes}; {@code json} is what it says, see {@link ExactNumbers}; {@code bytea} is
 * Base64; arrays are arrays of the same. Everything else is PostgreSQL's own text.
 */
final class SqlRows {

    static final int MAX_ROWS = 10_000;
    static final int MAX_CHARS = 4 * 1024 * 1024;

    private static final long MAX_SAFE_INTEGER = (1L << 53) - 1;
    private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?([eE][+-]?\\d+)?");
    private static final String HEX = "\\x";

    /** The result is larger than a script may have; the message says than what. */
    static final class TooLargeException extends Exception {

        private static final long serialVersionUID = 1;

        TooLargeException(String message) {
            super(message);
        }
    }

    /** A column; {@code type} is PostgreSQL's name of what it, or an element of it, is, once a value has told. */
    private static final class Column {

        final int index;
        final String name;
        final int sqlType;

        @Nullable
        String type;

        Column(int index, String name, int sqlType) {
            this.index = index;
            this.name = name;
            this.sqlType = sqlType;
        }
    }

    private final boolean bigNumbersAsText;

    private SqlRows(boolean bigNumbersAsText) {
        this.bigNumbersAsText = bigNumbersAsText;
    }

    /** Reads to the end, or to the limit. */
    static SqlResult read(ResultSet rows, boolean bigNumbersAsText)
            throws SQLException, TooLargeException, ExactNumbers.InexactException {
        return new SqlRows(bigNumbersAsText).read(rows);
    }

    private SqlResult read(ResultSet rows) throws SQLException, TooLargeException, ExactNumbers.InexactException {
        StringWriter text = new StringWriter();
        int count = 0;
        try (JsonGenerator json = LargeJson.FACTORY.createGenerator(text)) {
            List<Column> columns = columns(rows.getMetaData());
            json.writeStartArray();
            while (rows.next()) {
                if (++count > MAX_ROWS) {
                    throw new TooLargeException("a result may have at most " + MAX_ROWS + " rows");
                }
                json.writeStartObject();
                for (Column column : columns) {
                    json.writeFieldName(column.name);
                    write(rows, column, count - 1, json);
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

    private void write(ResultSet rows, Column column, int row, JsonGenerator json)
            throws SQLException, IOException, ExactNumbers.InexactException {
        String text = rows.getString(column.index);
        if (text == null) {
            json.writeNull();
            return;
        }
        String type = column.type == null ? typeOf(rows, column) : column.type;
        column.type = type;
        String place = "$[" + row + "]" + ExactNumbers.member(column.name);
        switch (column.sqlType) {
            case Types.ARRAY -> {
                Optional<List<SqlArrays.Element>> elements = SqlArrays.read(text, type.equals("box") ? ';' : ',');
                if (elements.isPresent()) {
                    writeElements(elements.get(), type, place, json);
                } else {
                    json.writeString(text);
                }
            }
            case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY ->
                json.writeString(Base64.getEncoder().encodeToString(rows.getBytes(column.index)));
            default -> write(text, type, place, json);
        }
    }

    /** The metadata's own names of types ask the server about sequences. */
    private static String typeOf(ResultSet rows, Column column) throws SQLException {
        return switch (column.sqlType) {
            case Types.SMALLINT, Types.INTEGER, Types.BIGINT -> "int8";
            case Types.REAL, Types.FLOAT, Types.DOUBLE -> "float8";
            case Types.BIT, Types.BOOLEAN -> "bool";
            case Types.TIMESTAMP, Types.TIMESTAMP_WITH_TIMEZONE -> "timestamptz";
            case Types.ARRAY -> rows.getArray(column.index).getBaseTypeName();
            case Types.OTHER -> otherType(rows, column.index);
            default -> "text";
        };
    }

    private static String otherType(ResultSet rows, int index) {
        try {
            return rows.getObject(index) instanceof PGobject object && object.getType() != null
                    ? object.getType()
                    : "text";
        } catch (SQLException e) {
            // A type the driver thinks it knows, with a value it does not
            return "text";
        }
    }

    private void writeElements(List<SqlArrays.Element> elements, String type, String place, JsonGenerator json)
            throws IOException, ExactNumbers.InexactException {
        json.writeStartArray();
        for (int i = 0; i < elements.size(); i++) {
            String at = place + "[" + i + "]";
            switch (elements.get(i)) {
                case SqlArrays.Element.Nested nested -> writeElements(nested.elements(), type, at, json);
                case SqlArrays.Element.Value(String text) when text == null -> json.writeNull();
                case SqlArrays.Element.Value(String text)
                when type.equals("bytea") && text.startsWith(HEX) ->
                    json.writeString(
                            Base64.getEncoder().encodeToString(HexFormat.of().parseHex(text, 2, text.length())));
                case SqlArrays.Element.Value(String text) -> write(text, type, at, json);
            }
        }
        json.writeEndArray();
    }

    /** A value of that type as PostgreSQL writes it. */
    private void write(String text, String type, String place, JsonGenerator json)
            throws IOException, ExactNumbers.InexactException {
        switch (type) {
            case "int2", "int4", "int8", "oid" -> writeWhole(text, json);
            case "float4", "float8" -> {
                // NaN, infinities and money are no numbers to JSON
                if (NUMBER.matcher(text).matches()) {
                    json.writeNumber(text);
                } else {
                    json.writeString(text);
                }
            }
            case "bool" -> {
                // The driver takes bit(n) for one, too
                if (text.equals("t") || text.equals("f")) {
                    json.writeBoolean(text.equals("t"));
                } else {
                    json.writeString(text);
                }
            }
            case "timestamp", "timestamptz" -> json.writeString(SqlTimes.of(text));
            case "json", "jsonb" -> ExactNumbers.write(text, place, bigNumbersAsText, json);
            default -> json.writeString(text);
        }
    }

    private static void writeWhole(String text, JsonGenerator json) throws IOException {
        long number = Long.parseLong(text);
        if (Math.abs(number) <= MAX_SAFE_INTEGER && number != Long.MIN_VALUE) {
            json.writeNumber(number);
        } else {
            json.writeString(text);
        }
    }
}

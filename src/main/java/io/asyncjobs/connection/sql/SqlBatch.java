package io.asyncjobs.connection.sql;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * One statement for many rows, as a script asks for it. Nothing in it is trusted; {@link SqlSession} checks all of it.
 *
 * @param text with {@code $1}, {@code $2} for the parameters
 * @param rows the parameters of each row, as in {@link SqlCall}; at least one row, all of one length
 */
public record SqlBatch(String text, List<List<JsonNode>> rows) {

    public SqlBatch {
        rows = rows.stream().map(List::copyOf).toList();
    }

    /** The statement for one row. */
    public SqlCall row(int index) {
        return new SqlCall(text, rows.get(index), false);
    }
}

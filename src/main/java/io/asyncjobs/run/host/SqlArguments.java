package io.asyncjobs.run.host;

import com.fasterxml.jackson.databind.JsonNode;
import io.asyncjobs.connection.sql.SqlBatch;
import io.asyncjobs.connection.sql.SqlCall;
import io.asyncjobs.script.HostCallException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What the bootstrap sends of a statement: {@code [connection, text, parameters, bigNumbersAsText]}, with the number of a
 * cursor behind if it opens one; of a batch {@code [connection, text, rows]}; of a cursor that is read
 * {@code [connection, cursor, rows, bigNumbersAsText]}, and of one that is closed {@code [connection, cursor]}.
 */
record SqlArguments(JsonNode given) {

    String connection() {
        return text(0);
    }

    SqlCall call() {
        return new SqlCall(text(1), list(given.path(2)), given.path(3).booleanValue());
    }

    SqlBatch batch() {
        return new SqlBatch(
                text(1), list(given.path(2)).stream().map(SqlArguments::list).toList());
    }

    private static List<JsonNode> list(JsonNode array) {
        if (!array.isArray()) {
            throw new HostCallException("The parameters must be an array");
        }
        List<JsonNode> elements = new ArrayList<>();
        array.forEach(elements::add);
        return elements;
    }

    int number(int index) {
        return given.path(index).intValue();
    }

    boolean isTrue(int index) {
        return given.path(index).booleanValue();
    }

    private String text(int index) {
        return Objects.requireNonNull(given.path(index).textValue(), "The bootstrap sends a text here");
    }
}

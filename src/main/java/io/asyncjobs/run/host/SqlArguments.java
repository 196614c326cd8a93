package io.asyncjobs.run.host;

import com.fasterxml.jackson.databind.JsonNode;
import io.asyncjobs.connection.sql.SqlBatch;
import io.asyncjobs.connection.sql.SqlCall;
import io.asyncjobs.script.HostCallException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What the bootstrap sends of a statement: {@code [connection, text, parameters, bigNumbersAsText]}, or of a batch
 * {@code [connection, text, rows]}.
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

    private String text(int index) {
        return Objects.requireNonNull(given.path(index).textValue(), "The bootstrap sends a text here");
    }
}

package io.asyncjobs.connection.sql;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * One statement as a script asks for it. Nothing in it is trusted; {@link SqlSession} checks all of it.
 *
 * @param text with {@code $1}, {@code $2} for the parameters
 * @param parameters any JSON; a null is SQL's null
 * @param bigNumbersAsText whether numbers in JSON that a double cannot hold are to be texts; otherwise such an integer is
 *     an error
 */
public record SqlCall(String text, List<JsonNode> parameters, boolean bigNumbersAsText) {

    public SqlCall {
        parameters = List.copyOf(parameters);
    }
}

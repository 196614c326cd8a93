package io.asyncjobs.connection;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * One transaction of one run over one PostgreSQL connection.
 *
 * <p>Statements are carried out one at a time, each in the calling thread; {@link #cancel} and {@link #close} may be
 * called from any other. What is not committed is rolled back at the close. Every method but these two throws
 * {@link ConnectionCallException}.
 */
public final class SqlSession implements AutoCloseable {

    /**
     * Carries out one statement that only reads; the database refuses any change. A failure leaves the transaction as it
     * was before.
     *
     * @param text with {@code $1}, {@code $2} for the parameters
     * @param parameters any JSON; a null is SQL's null
     */
    public SqlResult query(String text, List<JsonNode> parameters) {
        throw new ConnectionCallException("sql: not there yet");
    }

    /** Carries out one statement that may change something. After a failure the transaction can only be rolled back. */
    public SqlResult execute(String text, List<JsonNode> parameters) {
        throw new ConnectionCallException("sql: not there yet");
    }

    /** Makes what was done last; the next statement begins a new transaction. */
    public void commit() {
        throw new ConnectionCallException("sql: not there yet");
    }

    /** Undoes what was done since the last commit; the next statement begins a new transaction. */
    public void rollback() {
        throw new ConnectionCallException("sql: not there yet");
    }

    /** Ends the statement that is carried out now, and the session with it. Does not wait. */
    public void cancel() {}

    /** Gives the connection back; can be called more than once. */
    @Override
    public void close() {}
}

package io.asyncjobs.connection;

import jakarta.inject.Singleton;

/** Opens the SQL sessions of runs. Thread-safe. */
@Singleton
public class SqlSessions {

    /**
     * A session of one run over one connection; the caller closes it. Waits for a free place if the connection has none.
     *
     * @param readOnly true for a trial: reads are live, every write is refused by the database
     * @param deadlineNanoTime the value of {@link System#nanoTime} after which nothing of the session goes on
     * @throws ConnectionCallException when there is no such connection or it cannot be had
     */
    public SqlSession open(String connection, boolean readOnly, long deadlineNanoTime) throws InterruptedException {
        throw new ConnectionCallException("sql: not there yet");
    }
}

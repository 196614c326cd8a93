package io.asyncjobs.connection;

/** Tries a connection of one kind, step by step. */
public interface ConnectionProbe {

    /** What it can try. */
    ConnectionKind kind();

    /**
     * Tries the connection; changes nothing there, and sends nothing but the connection's own authentication.
     *
     * @throws ConnectionCallException when the connection cannot be read
     */
    void test(String connection, ProbeSteps steps);
}

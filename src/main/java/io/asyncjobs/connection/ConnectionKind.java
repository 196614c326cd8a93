package io.asyncjobs.connection;

/** What a connection leads to. */
public enum ConnectionKind {
    HTTP,
    POSTGRESQL
}

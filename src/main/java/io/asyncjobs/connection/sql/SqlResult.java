package io.asyncjobs.connection.sql;

/**
 * What a statement was answered with.
 *
 * @param rowsJson a JSON array of one object a row, {@code []} for a statement that returns none
 * @param rowCount how many rows that are
 * @param changedCount rows inserted, updated or deleted; 0 for a statement that says nothing of the kind
 */
public record SqlResult(String rowsJson, int rowCount, long changedCount) {}

package io.asyncjobs.connection.sql;

import org.postgresql.jdbc.PgConnection;

/**
 * What a session begins with.
 *
 * @param connection without autocommit
 * @param meter counts what the connection reads
 * @param own whether it leads to the service's own database
 */
record SqlLine(PgConnection connection, SqlMeter meter, boolean own) {}

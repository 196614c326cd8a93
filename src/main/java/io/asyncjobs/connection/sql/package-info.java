/** Statements of scripts on databases of their own: sessions, parameters, rows, bounds in bytes and time. */
@NullMarked
package io.asyncjobs.connection.sql;

import org.jspecify.annotations.NullMarked;

/**
 * Named connections: the only places scripts can reach, with their settings and secrets. Owns the table {@code connection}.
 *
 * <p>Calls over them are in {@code http} and {@code sql}, which both open connections here and know nothing of each other.
 */
@NullMarked
package io.asyncjobs.connection;

import org.jspecify.annotations.NullMarked;

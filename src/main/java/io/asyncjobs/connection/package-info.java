/**
 * Named connections: the only places scripts can reach, with their secrets, and what carries calls over them. Owns the
 * table {@code connection}.
 */
@NullMarked
package io.asyncjobs.connection;

import org.jspecify.annotations.NullMarked;

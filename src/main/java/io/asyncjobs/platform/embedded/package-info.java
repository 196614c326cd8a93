/**
 * The PostgreSQL server that the service brings along: its binaries, its cluster under the data folder, its start,
 * supervision and stop.
 *
 * <p>Owns everything below {@code postgres/} in the data folder. Nothing here is used when a database is configured.
 */
@NullMarked
package io.asyncjobs.platform.embedded;

import org.jspecify.annotations.NullMarked;

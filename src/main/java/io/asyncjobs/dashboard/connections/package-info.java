/**
 * Owns the pages of connections: the list, a connection, and the forms that create, change and delete it.
 *
 * <p>Offers nothing to other rooms.
 */
@NullMarked
package io.asyncjobs.dashboard.connections;

import org.jspecify.annotations.NullMarked;

/**
 * Owns the page of nodes and workers, and the page Environment, which switches the component on and off.
 *
 * <p>Offers nothing to other rooms.
 */
@NullMarked
package io.asyncjobs.dashboard.cluster;

import org.jspecify.annotations.NullMarked;

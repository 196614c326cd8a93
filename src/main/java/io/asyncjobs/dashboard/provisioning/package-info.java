/**
 * Owns the page Provisioning: plans that wait for an approval, the comparison with another environment, and the downloads of
 * export and configuration report.
 *
 * <p>Offers nothing to other rooms.
 */
@NullMarked
package io.asyncjobs.dashboard.provisioning;

import org.jspecify.annotations.NullMarked;

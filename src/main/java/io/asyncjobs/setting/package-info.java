/**
 * System settings: what the service is within the product around it, and whether its pages are shown there.
 *
 * <p>Owns the table {@code setting}.
 */
@NullMarked
package io.asyncjobs.setting;

import org.jspecify.annotations.NullMarked;

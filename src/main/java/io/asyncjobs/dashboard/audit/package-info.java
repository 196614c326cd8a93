/**
 * Owns the page of audit events and how an event is shown field by field.
 *
 * <p>Offers rows of events to {@code jobs}.
 */
@NullMarked
package io.asyncjobs.dashboard.audit;

import org.jspecify.annotations.NullMarked;

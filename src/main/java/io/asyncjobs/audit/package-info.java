/**
 * The audit trail: who did what, when, why, with the old and the new value, so that no alteration stays unseen.
 *
 * <p>Owns the tables {@code audit_waiting} and {@code audit_event}. Every feature tells {@link io.asyncjobs.audit.AuditTrail} of
 * its changes inside the transaction that makes them; what is read passes {@link io.asyncjobs.audit.AuditHistory}.
 */
@NullMarked
package io.asyncjobs.audit;

import org.jspecify.annotations.NullMarked;

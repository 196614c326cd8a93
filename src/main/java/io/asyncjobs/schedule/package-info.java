/**
 * When jobs run and who may run them: nodes, per-job timers, the reconciler, leases, the ledger of ticks.
 *
 * <p>Owns the tables {@code node}, {@code job_timer} and {@code tick_gap}, and the life of a row of {@code run} from claim
 * to completion. What a run does is none of its business: it hands claims to a {@link io.asyncjobs.schedule.RunLauncher}.
 */
@NullMarked
package io.asyncjobs.schedule;

import org.jspecify.annotations.NullMarked;

/**
 * How long runs, logs and gaps are kept: partitions, what is thinned out, and roll-ups of ticks.
 *
 * <p>Writes {@code history_partition}, {@code history_progress}, {@code run_kept}, {@code run_log_kept}, {@code tick_hour},
 * {@code tick_hour_gap}, and of {@code tick_gap} what is old.
 */
@NullMarked
package io.asyncjobs.run.retention;

import org.jspecify.annotations.NullMarked;

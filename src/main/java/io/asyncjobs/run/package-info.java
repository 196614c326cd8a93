/**
 * Runs: the execution of claims in worker processes, what scripts may ask for, and the history.
 *
 * <p>Owns the tables {@code run}, {@code run_log} and {@code job_state}, but for what {@code schedule} does to a run's row
 * when it is claimed and completed; further what becomes of them: {@code history_partition}, {@code history_progress},
 * {@code run_kept}, {@code run_log_kept}, {@code tick_hour}, {@code tick_hour_gap}, and of {@code tick_gap} what is old.
 */
@NullMarked
package io.asyncjobs.run;

import org.jspecify.annotations.NullMarked;

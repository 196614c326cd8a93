/**
 * Runs: the execution of claims in worker processes, what scripts may ask for, and the history.
 *
 * <p>Owns the tables {@code run}, {@code run_log} and {@code job_state}, but for what {@code schedule} does to a run's row
 * when it is claimed and completed.
 */
@NullMarked
package io.asyncjobs.run;

import org.jspecify.annotations.NullMarked;

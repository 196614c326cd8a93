/**
 * Runs carried out: a claim becomes a run in a worker, and its end is put on record.
 *
 * <p>Owns the tables {@code run}, {@code run_log} and {@code job_state}, but for what {@code schedule} does to a run's row
 * when it is claimed and completed. The rooms around it are {@code host}, what scripts may ask for; {@code history}, what is on
 * record; {@code trial}; {@code ledger}, what became of each tick; {@code retention}; and {@code state}, for people.
 */
@NullMarked
package io.asyncjobs.run;

import org.jspecify.annotations.NullMarked;

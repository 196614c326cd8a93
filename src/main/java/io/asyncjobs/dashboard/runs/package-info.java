/**
 * Owns the pages of runs: the runs of a job, and one run with its log and effects.
 *
 * <p>Offers rows of runs, errors and effects to {@code jobs}.
 */
@NullMarked
package io.asyncjobs.dashboard.runs;

import org.jspecify.annotations.NullMarked;

/**
 * Jobs and their revisions: what is configured now, what was, and who changed it.
 *
 * <p>Owns the tables {@code job}, {@code job_revision} and {@code script}. Tells of changes by {@link io.asyncjobs.job.JobChanged}
 * after commit; what a job does at the moment comes from above through {@link io.asyncjobs.job.JobActivities}.
 */
@NullMarked
package io.asyncjobs.job;

import org.jspecify.annotations.NullMarked;

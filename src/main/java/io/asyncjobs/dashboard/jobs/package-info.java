/**
 * Owns the pages of jobs: the list, a job and its ledger, the form with trials, and revisions.
 *
 * <p>Offers nothing to other rooms. It uses {@code runs} and {@code audit}, since the page of a job shows both.
 */
@NullMarked
package io.asyncjobs.dashboard.jobs;

import org.jspecify.annotations.NullMarked;

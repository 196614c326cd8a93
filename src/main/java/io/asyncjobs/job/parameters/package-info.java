/**
 * Parameters of jobs and the JSON Schemas that jobs give for them.
 *
 * <p>Offers {@link io.asyncjobs.job.parameters.ParametersChecker}. Knows nothing of jobs.
 */
@NullMarked
package io.asyncjobs.job.parameters;

import org.jspecify.annotations.NullMarked;

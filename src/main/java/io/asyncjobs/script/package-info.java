/**
 * Data scripts: their source and digests, their check, and the pool of worker processes that runs them. Knows no job: it
 * is given source, parameters, limits and whoever carries out the host calls.
 */
@NullMarked
package io.asyncjobs.script;

import org.jspecify.annotations.NullMarked;

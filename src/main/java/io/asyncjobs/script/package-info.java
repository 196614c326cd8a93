/**
 * Data scripts: their source and digests, their check, and the pool of worker processes that runs them. The package knows
 * no job. A caller gives it a source, parameters, limits and the functions that carry out host calls.
 *
 * <p>{@link io.asyncjobs.script.ScriptPool} is the way in. Behind it {@code WorkerFleet} keeps the workers,
 * {@code Placement} chooses one for each task, and {@code WorkerDialogue} handles what a worker says.
 */
@NullMarked
package io.asyncjobs.script;

import org.jspecify.annotations.NullMarked;

/** Faults by the thousand against a cluster of the service, and a check of what it did meanwhile. */
@NullMarked
package io.asyncjobs.bench.faults;

import org.jspecify.annotations.NullMarked;

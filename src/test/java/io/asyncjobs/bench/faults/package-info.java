@NullMarked
package io.asyncjobs.bench.faults;

import org.jspecify.annotations.NullMarked;

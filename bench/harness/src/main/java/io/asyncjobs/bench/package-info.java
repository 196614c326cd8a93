/** Measurements of the whole service, taken from outside: processes are started, watched and ended. */
@NullMarked
package io.asyncjobs.bench;

import org.jspecify.annotations.NullMarked;

/** Owns the pages of what a job's script keeps. */
@NullMarked
package io.asyncjobs.dashboard.state;

import org.jspecify.annotations.NullMarked;

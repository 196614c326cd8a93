/** What scripts keep from run to run, for people: {@code job_state} is read and changed here by hand. */
@NullMarked
package io.asyncjobs.run.state;

import org.jspecify.annotations.NullMarked;

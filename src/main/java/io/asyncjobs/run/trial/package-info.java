/** Scripts tried out once, without a job and without effects. */
@NullMarked
package io.asyncjobs.run.trial;

import org.jspecify.annotations.NullMarked;

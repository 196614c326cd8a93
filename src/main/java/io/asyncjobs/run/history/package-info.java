/** What is on record of runs: lists, single runs, logs that are followed, and how a run is started or cancelled by hand. */
@NullMarked
package io.asyncjobs.run.history;

import org.jspecify.annotations.NullMarked;

/** What became of each tick: a run or a gap, with their tallies. */
@NullMarked
package io.asyncjobs.run.ledger;

import org.jspecify.annotations.NullMarked;

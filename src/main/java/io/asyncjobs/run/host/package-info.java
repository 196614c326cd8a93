/** What scripts may ask for: state, effects, audit records, calls, logs, each within the budgets of the run and the node. */
@NullMarked
package io.asyncjobs.run.host;

import org.jspecify.annotations.NullMarked;

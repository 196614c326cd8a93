/**
 * One search over all that people write and scripts say: jobs, their scripts, connections, accounts, logs of recent runs. It
 * owns no table; each feature finds what is its own.
 */
@NullMarked
package io.asyncjobs.search;

import org.jspecify.annotations.NullMarked;

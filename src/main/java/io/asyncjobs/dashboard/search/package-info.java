/** Owns the page of the search over everything. */
@NullMarked
package io.asyncjobs.dashboard.search;

import org.jspecify.annotations.NullMarked;

/**
 * Pages for people: Administration, Support, Async Jobs and what stands beside it. Made on the server, usable without
 * scripts, with scripts of our own that add comfort.
 *
 * <p>Owns nothing: each page calls what the API calls. Each kind of page has a package; all of them use {@code shell} and
 * {@code form}.
 */
@NullMarked
package io.asyncjobs.dashboard;

import org.jspecify.annotations.NullMarked;

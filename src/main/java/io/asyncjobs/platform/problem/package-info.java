/** What goes wrong, said in one shape (RFC 9457): exceptions that know no HTTP, one table of kinds, one body. */
@NullMarked
package io.asyncjobs.platform.problem;

import org.jspecify.annotations.NullMarked;

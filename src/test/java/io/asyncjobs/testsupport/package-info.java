/** Fixtures the tests share: the database, tokens, the service as a process. */
@NullMarked
package io.asyncjobs.testsupport;

import org.jspecify.annotations.NullMarked;

/** Calls that may be sent again without doing more. */
@NullMarked
package io.asyncjobs.platform.idempotency;

import org.jspecify.annotations.NullMarked;

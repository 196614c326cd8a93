/** How many bytes the process may hold for others. */
@NullMarked
package io.asyncjobs.platform.memory;

import org.jspecify.annotations.NullMarked;

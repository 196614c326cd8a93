@NullMarked
package io.asyncjobs.platform.memory;

import org.jspecify.annotations.NullMarked;

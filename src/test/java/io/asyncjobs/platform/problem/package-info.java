@NullMarked
package io.asyncjobs.platform.problem;

import org.jspecify.annotations.NullMarked;

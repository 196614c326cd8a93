@NullMarked
package io.asyncjobs.platform.shape;

import org.jspecify.annotations.NullMarked;

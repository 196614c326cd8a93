@NullMarked
package io.asyncjobs.run.retention;

import org.jspecify.annotations.NullMarked;

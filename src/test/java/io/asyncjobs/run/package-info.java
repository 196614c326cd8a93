@NullMarked
package io.asyncjobs.run;

import org.jspecify.annotations.NullMarked;

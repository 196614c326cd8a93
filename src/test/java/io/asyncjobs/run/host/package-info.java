@NullMarked
package io.asyncjobs.run.host;

import org.jspecify.annotations.NullMarked;

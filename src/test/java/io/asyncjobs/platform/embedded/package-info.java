@NullMarked
package io.asyncjobs.platform.embedded;

import org.jspecify.annotations.NullMarked;

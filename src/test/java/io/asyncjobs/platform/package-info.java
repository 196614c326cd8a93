@NullMarked
package io.asyncjobs.platform;

import org.jspecify.annotations.NullMarked;

@NullMarked
package io.asyncjobs;

import org.jspecify.annotations.NullMarked;

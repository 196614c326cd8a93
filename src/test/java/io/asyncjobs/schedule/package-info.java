@NullMarked
package io.asyncjobs.schedule;

import org.jspecify.annotations.NullMarked;

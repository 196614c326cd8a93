@NullMarked
package io.asyncjobs.job;

import org.jspecify.annotations.NullMarked;

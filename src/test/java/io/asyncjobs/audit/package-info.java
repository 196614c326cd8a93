@NullMarked
package io.asyncjobs.audit;

import org.jspecify.annotations.NullMarked;

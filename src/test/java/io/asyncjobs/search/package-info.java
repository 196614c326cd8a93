@NullMarked
package io.asyncjobs.search;

import org.jspecify.annotations.NullMarked;

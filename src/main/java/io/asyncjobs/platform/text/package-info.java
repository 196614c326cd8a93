/** Texts compared and shown. */
@NullMarked
package io.asyncjobs.platform.text;

import org.jspecify.annotations.NullMarked;

@NullMarked
package io.asyncjobs.platform.crypto;

import org.jspecify.annotations.NullMarked;

@NullMarked
package io.asyncjobs.platform.json;

import org.jspecify.annotations.NullMarked;

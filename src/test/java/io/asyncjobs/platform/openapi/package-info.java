@NullMarked
package io.asyncjobs.platform.openapi;

import org.jspecify.annotations.NullMarked;

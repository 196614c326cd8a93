@NullMarked
package io.asyncjobs.platform.http;

import org.jspecify.annotations.NullMarked;

@NullMarked
package io.asyncjobs.connection;

import org.jspecify.annotations.NullMarked;

@NullMarked
package io.asyncjobs.connection.http;

import org.jspecify.annotations.NullMarked;

/** Calls of scripts to web services: the exchange itself, its bounds in bytes and time, what of it is noted. */
@NullMarked
package io.asyncjobs.connection.http;

import org.jspecify.annotations.NullMarked;

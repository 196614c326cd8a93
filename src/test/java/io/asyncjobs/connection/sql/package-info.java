@NullMarked
package io.asyncjobs.connection.sql;

import org.jspecify.annotations.NullMarked;

/** Encryption of what is kept in the database, with keys that only the configuration has. */
@NullMarked
package io.asyncjobs.platform.crypto;

import org.jspecify.annotations.NullMarked;

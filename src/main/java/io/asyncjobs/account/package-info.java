/** Accounts: the users, people and systems, that changes can be attributed to. Owns the table {@code account}. */
@NullMarked
package io.asyncjobs.account;

import org.jspecify.annotations.NullMarked;

/**
 * Owns the pages of accounts: the list, an account and its jobs, and the forms that create, change and delete it.
 *
 * <p>Offers nothing to other rooms.
 */
@NullMarked
package io.asyncjobs.dashboard.accounts;

import org.jspecify.annotations.NullMarked;

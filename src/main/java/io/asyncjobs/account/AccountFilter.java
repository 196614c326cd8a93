package io.asyncjobs.account;

import org.jspecify.annotations.Nullable;

/**
 * Which accounts a list holds; null takes all.
 *
 * @param text a part of the username, the display name or the address, whatever its case
 */
public record AccountFilter(
        @Nullable Boolean active,
        @Nullable AccountKind kind,
        @Nullable String text) {

    /** By what the API filters. */
    static AccountFilter of(@Nullable Boolean active) {
        return new AccountFilter(active, null, null);
    }
}

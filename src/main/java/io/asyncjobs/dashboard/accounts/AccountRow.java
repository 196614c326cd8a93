package io.asyncjobs.dashboard.accounts;

import io.asyncjobs.account.AccountView;
import java.util.Locale;

/**
 * An account in the list.
 *
 * @param jobs how many act as it, archived ones too
 */
public record AccountRow(AccountView account, long jobs) {

    public String kind() {
        return account.kind().name().toLowerCase(Locale.ROOT);
    }
}

package io.asyncjobs.job;

import org.jspecify.annotations.Nullable;

/** Why the runs of a job that is in use are refused. */
final class Blocked {

    static final String DESCRIPTION = "Why every run of it fails at once: the account that it acts as is inactive. Null"
            + " where nothing is in the way, and of an archived job";

    static final String ACCOUNT_INACTIVE = "account-inactive";

    private Blocked() {}

    static @Nullable String why(Job job) {
        boolean inactive = job.associatedAccount != null && !job.associatedAccount.isActive();
        return inactive && !job.archived ? ACCOUNT_INACTIVE : null;
    }
}

package io.asyncjobs.job;

import org.jspecify.annotations.Nullable;

/** What keeps a job that is in use from running. */
final class Blocked {

    static final String DESCRIPTION =
            "What keeps it from running: account-inactive where the account that it acts as is inactive, so"
                    + " that every run fails at once; else, in words, why its timer is set aside. Null where nothing is in the way, and of"
                    + " an archived job";

    static final String ACCOUNT_INACTIVE = "account-inactive";

    private Blocked() {}

    static @Nullable String why(ListedJob job, JobActivity activity) {
        return why(job.archived(), Boolean.FALSE.equals(job.userIsActive()), activity);
    }

    static @Nullable String why(Job job, JobActivity activity) {
        return why(job.archived, job.associatedAccount != null && !job.associatedAccount.isActive(), activity);
    }

    private static @Nullable String why(boolean archived, boolean inactive, JobActivity activity) {
        if (archived) {
            return null;
        }
        return inactive ? ACCOUNT_INACTIVE : activity.blocked();
    }
}

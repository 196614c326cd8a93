package io.asyncjobs.account;

import java.util.Collection;
import java.util.Map;
import java.util.UUID;

/** What refers to accounts; a port carried out by the packages above. Called inside a transaction. */
public interface AccountUses {

    /** How many there are that refer to the account, and therefore keep it from being deleted. */
    record Count(long jobs, long revisions) {}

    /** The jobs that act as the account, but for archived ones: the first by name, and how many there are. */
    AffectedJobsView jobsInUse(UUID account);

    /** All that refers to the account. */
    Count count(UUID account);

    /** How many jobs act as each of the accounts, archived ones too; an account without jobs is absent. */
    Map<UUID, Long> jobs(Collection<UUID> accounts);
}

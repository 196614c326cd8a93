package io.asyncjobs.job;

import io.asyncjobs.account.AccountUses;
import io.asyncjobs.account.AffectedJobsView;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/** Which jobs and revisions refer to an account. */
@ApplicationScoped
class AccountJobs implements AccountUses {

    private final JobRepository jobs;
    private final JobRevisionRepository revisions;

    AccountJobs(JobRepository jobs, JobRevisionRepository revisions) {
        this.jobs = jobs;
        this.revisions = revisions;
    }

    @Override
    public AffectedJobsView jobsInUse(UUID account) {
        return new AffectedJobsView(
                jobs
                        .getEntityManager()
                        .createQuery(
                                "select j.id, j.name from Job j where j.associatedAccount.id = :account and j.archived = false"
                                        + " order by j.nameKey",
                                Object[].class)
                        .setParameter("account", account)
                        .setMaxResults(AffectedJobsView.MOST)
                        .getResultList()
                        .stream()
                        .map(row -> new AffectedJobsView.AffectedJobView((UUID) row[0], (String) row[1]))
                        .toList(),
                jobs.count("associatedAccount.id = ?1 and archived = false", account));
    }

    @Override
    public Count count(UUID account) {
        return new Count(jobs.count("associatedAccount.id", account), revisions.count("associatedAccount.id", account));
    }

    @Override
    public Map<UUID, Long> jobs(Collection<UUID> accounts) {
        Map<UUID, Long> counts = new HashMap<>();
        jobs.getEntityManager()
                .createQuery(
                        "select j.associatedAccount.id, count(*) from Job j where j.associatedAccount.id in (:accounts)"
                                + " group by j.associatedAccount.id",
                        Object[].class)
                .setParameter("accounts", accounts)
                .getResultList()
                .forEach(row -> counts.put((UUID) row[0], (Long) row[1]));
        return counts;
    }
}

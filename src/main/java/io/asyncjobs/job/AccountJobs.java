package io.asyncjobs.job;

import io.asyncjobs.account.AccountUses;
import io.asyncjobs.account.AffectedJobsView;
import io.quarkus.hibernate.orm.panache.PanacheQuery;
import jakarta.enterprise.context.ApplicationScoped;
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
        PanacheQuery<Job> found = jobs.find("associatedAccount.id = ?1 and archived = false order by nameKey", account);
        return new AffectedJobsView(
                found.range(0, AffectedJobsView.MOST - 1).stream()
                        .map(job -> new AffectedJobsView.AffectedJobView(job.id, job.name))
                        .toList(),
                found.count());
    }

    @Override
    public Count count(UUID account) {
        return new Count(jobs.count("associatedAccount.id", account), revisions.count("associatedAccount.id", account));
    }
}

package io.asyncjobs.job;

import io.asyncjobs.platform.http.PageRequest;
import io.quarkus.hibernate.orm.panache.PanacheQuery;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.UUID;

/** The table {@code job_revision}. */
@ApplicationScoped
class JobRevisionRepository implements PanacheRepositoryBase<JobRevision, JobRevision.Key> {

    /** With scripts and accounts; pages and counts are left to the caller. */
    PanacheQuery<JobRevision> list(UUID job, PageRequest.Order order) {
        return find(
                "from JobRevision r join fetch r.script left join fetch r.associatedAccount where r.key.jobId = ?1 order by "
                        + order.sql(),
                job);
    }

    /** With script and account. */
    Optional<JobRevision> findWhole(UUID job, int revision) {
        return find(
                        "from JobRevision r join fetch r.script left join fetch r.associatedAccount where r.key = ?1",
                        new JobRevision.Key(job, revision))
                .firstResultOptional();
    }
}

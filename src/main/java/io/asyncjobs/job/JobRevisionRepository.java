package io.asyncjobs.job;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.UUID;

/** The table {@code job_revision}. */
@ApplicationScoped
class JobRevisionRepository implements PanacheRepositoryBase<JobRevision, JobRevision.Key> {

    /** With script and account. */
    Optional<JobRevision> findWhole(UUID job, int revision) {
        return find(
                        "from JobRevision r join fetch r.script left join fetch r.associatedAccount where r.key = ?1",
                        new JobRevision.Key(job, revision))
                .firstResultOptional();
    }
}

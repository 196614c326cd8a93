package io.asyncjobs.job;

import io.asyncjobs.platform.http.PageRequest;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The table {@code job_revision}. */
@ApplicationScoped
class JobRevisionRepository implements PanacheRepositoryBase<JobRevision, JobRevision.Key> {

    /** Revisions of one page, and how many there are on all pages. */
    record Listed(List<RevisionSummary> revisions, long total) {}

    /** One page of the job's revisions, without what may be large. */
    Listed list(UUID job, PageRequest.Order order, PageRequest page) {
        return new Listed(
                getEntityManager()
                        .createQuery(
                                "select new io.asyncjobs.job.RevisionSummary(r.key.revision, r.change, r.savedAt, r.savedBy,"
                                        + " r.reason, r.name, r.archived, a.username, r.pollIntervalSeconds, s.md5, s.sha256)"
                                        + " from JobRevision r join r.script s left join r.associatedAccount a"
                                        + " where r.key.jobId = :job order by "
                                        + order.sql(),
                                RevisionSummary.class)
                        .setParameter("job", job)
                        .setFirstResult(page.offset())
                        .setMaxResults(page.size())
                        .getResultList(),
                count("key.jobId", job));
    }

    /** With script and account. */
    Optional<JobRevision> findWhole(UUID job, int revision) {
        return find(
                        "from JobRevision r join fetch r.script left join fetch r.associatedAccount where r.key = ?1",
                        new JobRevision.Key(job, revision))
                .firstResultOptional();
    }
}

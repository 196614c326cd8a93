package io.asyncjobs.job;

import io.asyncjobs.platform.Name;
import io.asyncjobs.platform.http.PageRequest;
import io.quarkus.hibernate.orm.panache.PanacheQuery;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Parameters;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.Timeouts;
import org.hibernate.jpa.SpecHints;

/** The table {@code job}. */
@ApplicationScoped
class JobRepository implements PanacheRepositoryBase<Job, UUID> {

    private static final String WHOLE =
            "from Job j join fetch j.script left join fetch j.associatedAccount where j.%s = ?1";

    /** With script and account. */
    Optional<Job> findWhole(UUID id) {
        return find(WHOLE.formatted("id"), id).firstResultOptional();
    }

    /** With script and account. */
    Optional<Job> findWholeByNameKey(String nameKey) {
        return find(WHOLE.formatted("nameKey"), nameKey).firstResultOptional();
    }

    /**
     * With script and account; pages and counts are left to the caller.
     *
     * @param outcomeOfJob {@link JobActivities#outcomeSql}
     */
    PanacheQuery<Job> list(JobFilter filter, PageRequest.Order order, String outcomeOfJob) {
        List<String> conditions = new ArrayList<>(List.of("1 = 1"));
        Parameters parameters = new Parameters();
        if (filter.archived() != null) {
            conditions.add("j.archived = :archived");
            parameters.and("archived", filter.archived());
        }
        if (filter.name() != null) {
            conditions.add("position(:name in j.nameKey) > 0");
            parameters.and("name", Name.key(filter.name()));
        }
        if (filter.user() != null) {
            conditions.add("a.usernameKey = :user");
            parameters.and("user", Name.key(filter.user()));
        }
        if (filter.text() != null) {
            // Not by the joined account: the count that is made of this query joins inwardly what a condition names
            conditions.add("(position(:text in j.nameKey) > 0"
                    + " or exists (select 1 from Account u where u.id = j.associatedAccount.id"
                    + " and position(:text in u.usernameKey) > 0)"
                    + " or position(:text in lower(j.description)) > 0"
                    + " or locate(:digest, s.md5) = 1 or locate(:digest, s.sha256) = 1)");
            parameters.and("text", filter.textKey()).and("digest", filter.digest());
        }
        if (filter.outcome() != null) {
            conditions.add("sql('(" + outcomeOfJob.replace("'", "''") + ")', j.id) = :outcome");
            parameters.and("outcome", filter.outcome());
        }
        return find(
                "from Job j join fetch j.script s left join fetch j.associatedAccount a where "
                        + String.join(" and ", conditions)
                        + " order by " + order.sql() + ", j.id",
                parameters);
    }

    /** Jobs whose pause ends then or earlier, locked; one that somebody else is changing is left to the next call. */
    List<Job> lockPausedUntil(Instant now) {
        return find("pausedUntil <= ?1", now)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .withHint(SpecHints.HINT_SPEC_LOCK_TIMEOUT, Timeouts.SKIP_LOCKED_MILLI)
                .list();
    }

    /** Locked until the transaction ends: changes of one job happen one after the other. */
    Optional<Job> findLocked(UUID id) {
        return find("id", id).withLock(LockModeType.PESSIMISTIC_WRITE).firstResultOptional();
    }

    /** All jobs of the account, archived ones too, locked until the transaction ends; with their scripts. */
    List<Job> lockOfAccount(UUID account) {
        List<Job> locked = find("associatedAccount.id = ?1 order by id", account)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .list();
        // In one go, so that none of them is read alone; the lock cannot have them
        getEntityManager()
                .createQuery("select j.script from Job j where j.associatedAccount.id = :account", StoredScript.class)
                .setParameter("account", account)
                .getResultList();
        return locked;
    }
}

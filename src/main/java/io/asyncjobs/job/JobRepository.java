package io.asyncjobs.job;

import io.asyncjobs.account.Account;
import io.asyncjobs.platform.Name;
import io.asyncjobs.platform.http.PageRequest;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.persistence.TypedQuery;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.hibernate.Timeouts;
import org.hibernate.jpa.SpecHints;

/** The table {@code job}. */
@ApplicationScoped
class JobRepository implements PanacheRepositoryBase<Job, UUID> {

    private static final String WHOLE =
            "from Job j join fetch j.script left join fetch j.associatedAccount where j.%s = ?1";

    private static final String LISTED = "select " + ListedJob.SELECTED;
    private static final String FROM = " from Job j join j.script s left join j.associatedAccount a where ";

    /** With script and account. */
    Optional<Job> findWhole(UUID id) {
        return find(WHOLE.formatted("id"), id).firstResultOptional();
    }

    /** With script and account. */
    Optional<Job> findWholeByNameKey(String nameKey) {
        return find(WHOLE.formatted("nameKey"), nameKey).firstResultOptional();
    }

    /** How long the parameters and schemas of all jobs are together. */
    long charsOfJson() {
        return getEntityManager()
                .createQuery(
                        "select coalesce(sum(length(j.parameters) + coalesce(length(j.parametersSchema), 0)), 0) from Job j",
                        Long.class)
                .getSingleResult();
    }

    /** All of them by name, with script and account. */
    List<Job> allWhole() {
        return list("from Job j join fetch j.script left join fetch j.associatedAccount order by j.nameKey");
    }

    /** Jobs of one page, and how many there are on all pages. */
    record Listed(List<ListedJob> jobs, long total) {}

    /** One page of the jobs that the filter takes. */
    Listed list(JobFilter filter, PageRequest.Order order, PageRequest page) {
        Matching matching = Matching.of(filter);
        List<ListedJob> found = matching.bind(
                        getEntityManager().createQuery(LISTED + matching.hql + ordered(order), ListedJob.class))
                .setFirstResult(page.offset())
                .setMaxResults(page.size())
                .getResultList();
        return new Listed(found, count(matching));
    }

    /** All jobs that the filter takes, in that order. */
    List<JobCandidate.Row> candidates(JobFilter filter, PageRequest.Order order) {
        Matching matching = Matching.of(filter);
        return matching.bind(getEntityManager()
                        .createQuery(
                                "select " + JobCandidate.Row.SELECTED + matching.hql + ordered(order),
                                JobCandidate.Row.class))
                .getResultList();
    }

    /** The jobs with these ids, in no order. */
    List<ListedJob> listed(Collection<UUID> ids) {
        return getEntityManager()
                .createQuery(LISTED + FROM + "j.id in :jobs", ListedJob.class)
                .setParameter("jobs", ids)
                .getResultList();
    }

    private long count(Matching matching) {
        return matching.bind(getEntityManager().createQuery("select count(*)" + matching.hql, Long.class))
                .getSingleResult();
    }

    private static String ordered(PageRequest.Order order) {
        return " order by " + order.sql() + ", j.id";
    }

    /** What a filter takes: the end of a query that names job, script and account, and its values. */
    private record Matching(String hql, Map<String, Object> parameters) {

        static Matching of(JobFilter filter) {
            List<String> conditions = new ArrayList<>(List.of("1 = 1"));
            Map<String, Object> parameters = new HashMap<>();
            if (filter.archived() != null) {
                conditions.add("j.archived = :archived");
                parameters.put("archived", filter.archived());
            }
            if (filter.name() != null) {
                conditions.add("position(:name in j.nameKey) > 0");
                parameters.put("name", Name.searched(filter.name()));
            }
            if (filter.user() != null) {
                conditions.add("a.usernameKey = :user");
                parameters.put("user", Name.key(filter.user()));
            }
            if (filter.userPart() != null) {
                conditions.add("position(:userPart in a.usernameKey) > 0");
                parameters.put("userPart", Name.searched(filter.userPart()));
            }
            if (filter.text() != null) {
                conditions.add("(position(:text in j.nameKey) > 0"
                        + " or position(:text in a.usernameKey) > 0"
                        + " or position(:text in lower(j.description)) > 0"
                        + " or locate(:digest, s.md5) = 1 or locate(:digest, s.sha256) = 1)");
                parameters.put("text", filter.textKey());
                parameters.put("digest", filter.digest());
            }
            return new Matching(FROM + String.join(" and ", conditions), parameters);
        }

        <T> TypedQuery<T> bind(TypedQuery<T> query) {
            parameters.forEach(query::setParameter);
            return query;
        }
    }

    /** How many of the jobs that are not archived are paused, and until when the last of them. */
    PausedJobsView countPaused() {
        return getEntityManager().createQuery("""
                        select new io.asyncjobs.job.PausedJobsView(
                            count(j.pausedAt), count(*),
                            case when count(j.pausedAt) = count(j.pausedUntil) then max(j.pausedUntil) end)
                        from Job j
                        where j.archived = false
                        """, PausedJobsView.class).getSingleResult();
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

    /** The jobs with those ids, locked until the transaction ends, by id; with their scripts and accounts. */
    Map<UUID, Job> lockAll(Collection<UUID> ids) {
        List<Job> locked = find("id in ?1 order by id", ids)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .list();
        // In one go, so that none of them is read alone; the lock cannot have them
        getEntityManager()
                .createQuery("select j.script from Job j where j.id in :ids", StoredScript.class)
                .setParameter("ids", ids)
                .getResultList();
        getEntityManager()
                .createQuery("select j.associatedAccount from Job j where j.id in :ids", Account.class)
                .setParameter("ids", ids)
                .getResultList();
        return locked.stream().collect(Collectors.toMap(job -> job.id, job -> job));
    }

    /** Lets the schedules of these jobs begin then, if not later. What is not flushed yet is not seen. */
    void startSchedules(Collection<UUID> ids, Instant at) {
        getEntityManager()
                .createNativeQuery("""
                        update job set schedule_changed_at = :at
                        where id = any(cast(:ids as uuid[])) and schedule_changed_at < :at
                        """)
                .setParameter("at", at.atOffset(ZoneOffset.UTC))
                .setParameter("ids", ids.toArray(UUID[]::new))
                .executeUpdate();
    }

    /** The first of the names that a job has. */
    Optional<Name> firstTaken(List<Name> names) {
        Set<String> taken = new HashSet<>(getEntityManager()
                .createQuery("select j.nameKey from Job j where j.nameKey in :keys", String.class)
                .setParameter("keys", names.stream().map(Name::key).toList())
                .getResultList());
        return names.stream().filter(name -> taken.contains(name.key())).findFirst();
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

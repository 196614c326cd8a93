package io.asyncjobs.run.retention;

import io.asyncjobs.schedule.HeldLeases;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;

/**
 * Lets old history go: partitions whole, after what must stay of them has moved to {@code run_kept}.
 *
 * <p>A partition's move and its detaching are one transaction, dropping its tables is another one, and each step looks
 * at the tables only: after a crash at any instant the next round goes on where that one ended. A round is made by one node
 * at a time, after each hour that was rolled up.
 */
@Singleton
class RunRetention {

    private static final Logger LOG = Logger.getLogger(RunRetention.class);

    /** Gaps themselves are kept so long, so that a window may cut their hours. */
    private static final Duration KEEP_GAPS = Duration.ofHours(48);

    private static final int LOCK_ATTEMPTS = 20;

    private static final String RUN_COLUMNS = """
            id, job_id, revision, trigger, scheduled_for, started_at, finished_at, outcome, node_id, epoch, associated_user,
            result, error, effects, log_truncated, parameters
            """;

    /**
     * Partitions to go: older than all runs that succeeded may be, or large ones of which nine tenths need not be kept. How
     * many need to be is counted from roll-ups, which is right but for runs by hand.
     */
    private static final String DUE = """
            with part as materialized (
                select *
                from history_partition p
                where not retired and until <= (select rolled_until from history_progress)
                    and not exists (
                        select
                        from unnest(:goingOn) as going_on (run)
                        where run >= uuid_v7_floor(p.since) and run < uuid_v7_floor(p.until))
            ), of_job as (
                select t.job_id, p.name, coalesce(p.until, t.hour + interval '1 hour') as until, sum(t.ran) as runs
                from tick_hour t
                    left join part p on t.hour >= p.since and t.hour < p.until
                where t.hour >= (select min(since) from part)
                group by 1, 2, 3
            ), newer as (
                select name, runs,
                    sum(runs) over (partition by job_id) - sum(runs) over (partition by job_id order by until) as newer
                from of_job
            ), kept as (
                select name, sum(runs) as runs, sum(least(runs, greatest(0, :atMost - newer))) as needed
                from newer
                where name is not null
                group by 1
            )
            select p.name, p.since, p.until
            from part p
                left join kept k on k.name = p.name
            where p.until <= :now - :keepSucceeded
                or (k.needed <= k.runs / 10
                    and pg_total_relation_size('run_' || p.name) + pg_total_relation_size('run_log_' || p.name)
                        >= :worthDropping)
            order by p.since
            """;

    /** The partition's runs that stay: the latest of each job, and those within their time, unless there are too many. */
    private static final String KEEP_RUNS = """
            with recursive job_of (job_id) as (
                (select job_id from run_%1$s order by job_id limit 1)
                union all
                select (select job_id from run_%1$s r where r.job_id > j.job_id order by job_id limit 1)
                from job_of j
                where j.job_id is not null
            ), latest as (
                select r.id
                from job_of j
                    join job on job.id = j.job_id
                    cross join lateral (
                        select count(*) as runs
                        from (
                            select
                            from run_history n
                            where n.job_id = j.job_id and n.id >= uuid_v7_floor(:until)
                            limit :keepLast
                        ) n
                    ) newer
                    cross join lateral (
                        select r.id from run_%1$s r where r.job_id = j.job_id order by r.id desc limit :keepLast - newer.runs
                    ) r
            ), succeeded as (
                select r.id
                from job_of j
                    cross join lateral (
                        select coalesce(sum(ran), 0) as runs from tick_hour t where t.job_id = j.job_id and t.hour >= :until
                    ) newer
                    cross join lateral (
                        select r.id
                        from run_%1$s r
                        where r.job_id = j.job_id and r.outcome = 'succeeded'
                            and r.id >= uuid_v7_floor(:now - :keepSucceeded)
                        order by r.id desc
                        limit greatest(0, :atMost - newer.runs)
                    ) r
                where :until > :now - :keepSucceeded
            ), failed as (
                select id
                from (
                    select id, row_number() over (partition by job_id order by id desc) as number
                    from run_%1$s
                    where outcome is distinct from 'succeeded' and id >= uuid_v7_floor(:now - :keepFailed)
                        and :until > :now - :keepFailed
                ) f
                where number <= :atMost
            )
            insert into run_kept (%2$s)
            select %2$s
            from run_%1$s
            where id in (select id from latest union select id from succeeded union select id from failed)
            """;

    private static final String KEEP_LOGS = """
            insert into run_log_kept (run_id, chunk, lines)
            select l.run_id, l.chunk, l.lines
            from run_log_%1$s l
                join run_kept k on k.id = l.run_id
            where k.id >= uuid_v7_floor(:since) and k.id < uuid_v7_floor(:until)
            """;

    /** Of the runs that were kept those that need not be any more. */
    private static final String FORGET = """
            with job_of as (
                select distinct job_id from run_kept
            ), oldest as (
                select j.job_id, (
                    select id from run_history r where r.job_id = j.job_id order by id desc offset :keepLast - 1 limit 1
                ) as id, not exists (select from job where job.id = j.job_id) as deleted
                from job_of j
            ), ranked as (
                select id, job_id, outcome = 'succeeded' as succeeded,
                    row_number() over (partition by job_id, outcome = 'succeeded' order by id desc) as number
                from run_kept
            ), gone as (
                delete from run_kept k
                using ranked r
                    join oldest o on o.job_id = r.job_id
                where k.id = r.id and (k.id < o.id or o.deleted)
                    and (r.number > :atMost
                        or k.id < uuid_v7_floor(:now - case when r.succeeded then :keepSucceeded else :keepFailed end))
                returning k.id
            )
            delete from run_log_kept l using gone where l.run_id = gone.id
            """;

    private record Partition(String name, Instant since, Instant until) {}

    private final HistoryConnections connections;
    private final HistoryConfig config;

    RunRetention(HistoryConnections connections, HistoryConfig config) {
        this.connections = connections;
        this.config = config;
    }

    /** Clears what is due, unless that was done for this hour or another node is at it. */
    void clear(Instant now) {
        dropRetired();
        if (!isDue()) {
            return;
        }
        List<Partition> due = connections.with(handle -> bound(handle.createQuery(DUE), now)
                .bindArray("goingOn", UUID.class, HeldLeases.all(handle).toArray())
                .bind("worthDropping", config.partitions().worthDropping().asLongValue())
                .map((row, context) -> new Partition(
                        row.getString("name"),
                        row.getObject("since", OffsetDateTime.class).toInstant(),
                        row.getObject("until", OffsetDateTime.class).toInstant()))
                .list());
        boolean done = true;
        for (Partition partition : due) {
            done &= retire(partition, now);
            dropRetired();
        }
        if (done) {
            forget(now);
        }
        vacuumEnded();
    }

    private boolean isDue() {
        return connections.with(
                handle -> handle.createQuery("select cleared_until < rolled_until from history_progress")
                        .mapTo(Boolean.class)
                        .one());
    }

    /**
     * Moves what stays and detaches the partition, all or nothing; false where others kept it from the locks.
     *
     * <p>The copy is made before the locks are asked for, so that they are held for a change of the catalogue only.
     */
    private boolean retire(Partition partition, Instant now) {
        String name = partition.name();
        return connections.inTransaction(handle -> {
            if (!isMine(handle) || !isThere(handle, name)) {
                return true;
            }
            bound(handle.createUpdate(KEEP_RUNS.formatted(name, RUN_COLUMNS)), now)
                    .bind("until", utc(partition.until()))
                    .execute();
            handle.createUpdate(KEEP_LOGS.formatted(name))
                    .bind("since", utc(partition.since()))
                    .bind("until", utc(partition.until()))
                    .execute();
            if (!lockParents(handle, name)) {
                handle.rollback();
                LOG.infof("The runs of %s stay another while: they were in use all the time", partition.since());
                return false;
            }
            handle.execute("alter table run detach partition run_" + name);
            handle.execute("alter table run_log detach partition run_log_" + name);
            handle.execute("update history_partition set retired = true where name = ?", name);
            handle.createUpdate("update history_progress set details_from = greatest(details_from, :until)")
                    .bind("until", utc(partition.until()))
                    .execute();
            return true;
        });
    }

    /**
     * Detaching keeps readers and writers of all runs out for a moment. Whoever comes while it waits for its locks waits
     * too, so it waits for tens of milliseconds and lets them pass before it asks again.
     */
    private static boolean lockParents(Handle handle, String name) {
        handle.execute("set local lock_timeout = '40ms'");
        for (int attempt = 0; attempt < LOCK_ATTEMPTS; attempt++) {
            handle.savepoint("before_locks");
            try {
                handle.execute("lock table only run, only run_log, run_default, run_log_default, run_" + name
                        + ", run_log_" + name + " in access exclusive mode");
                return true;
            } catch (UnableToExecuteStatementException e) {
                if (!HistoryConnections.isLockTimeout(e)) {
                    throw e;
                }
                handle.rollbackToSavepoint("before_locks");
                handle.createQuery("select pg_sleep(0.05 + random() * 0.1)::text")
                        .mapTo(String.class)
                        .one();
            }
        }
        return false;
    }

    /** What stays by itself, gaps and the ledger: clears the rows that are over and notes that this hour is done. */
    private void forget(Instant now) {
        connections.inTransaction(handle -> {
            if (!isMine(handle)) {
                return false;
            }
            bound(handle.createUpdate(FORGET), now).execute();
            handle.createUpdate("""
                            update history_progress
                            set details_from = greatest(details_from, least(rolled_until, full_hour(:now - :keepGaps))),
                                cleared_until = rolled_until
                            """)
                    .bind("now", utc(now))
                    .bind("keepGaps", KEEP_GAPS)
                    .execute();
            handle.createUpdate("""
                            update history_progress
                            set ledger_from = greatest(ledger_from, least(details_from, full_hour(:now - :keepLedger)))
                            """)
                    .bind("now", utc(now))
                    .bind("keepLedger", config.keepLedger())
                    .execute();
            handle.execute("""
                    delete from tick_gap
                    using history_progress p
                    where (rolled_ticks = ticks and last_tick < p.details_from) or last_tick < p.ledger_from
                    """);
            handle.execute("delete from tick_hour using history_progress p where hour < p.ledger_from");
            handle.execute("delete from tick_hour_gap using history_progress p where hour < p.ledger_from");
            return true;
        });
    }

    /** What was detached goes; nobody can read it any more. */
    private void dropRetired() {
        List<String> retired =
                connections.with(handle -> handle.createQuery("select name from history_partition where retired")
                        .mapTo(String.class)
                        .list());
        for (String name : retired) {
            connections.inTransaction(handle -> {
                int mine = handle.createQuery(
                                "select name from history_partition where name = :name and retired for update skip locked")
                        .bind("name", name)
                        .mapTo(String.class)
                        .list()
                        .size();
                if (mine > 0) {
                    handle.execute("drop table run_" + name + ", run_log_" + name);
                    handle.execute("delete from history_partition where name = ?", name);
                }
                return mine;
            });
        }
    }

    /** Once, when nothing is written to it any more: then counting a job's runs reads the index only. */
    private void vacuumEnded() {
        connections.with(handle -> {
            List<String> ended = handle.createQuery("""
                            update history_partition
                            set vacuumed = true
                            where not vacuumed and not retired and until <= (select rolled_until from history_progress)
                            returning name
                            """).mapTo(String.class).list();
            for (String name : ended) {
                handle.execute("vacuum (analyze) run_" + name);
                handle.execute("vacuum (analyze) run_log_" + name);
            }
            return ended;
        });
    }

    private <T extends SqlStatement<T>> T bound(T statement, Instant now) {
        return statement
                .bind("now", utc(now))
                .bind("keepSucceeded", config.keepSucceeded())
                .bind("keepFailed", config.keepFailed())
                .bind("keepLast", config.keepLast())
                .bind("atMost", config.keepAtMost());
    }

    private static boolean isMine(Handle handle) {
        return handle.createQuery("select true from history_progress for update skip locked")
                .mapTo(Boolean.class)
                .findOne()
                .isPresent();
    }

    private static boolean isThere(Handle handle, String name) {
        return handle.createQuery("select exists (select from history_partition where name = :name and not retired)")
                .bind("name", name)
                .mapTo(Boolean.class)
                .one();
    }

    private static OffsetDateTime utc(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}

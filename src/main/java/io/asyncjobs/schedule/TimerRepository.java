package io.asyncjobs.schedule;

import io.asyncjobs.job.JobTimers;
import io.asyncjobs.platform.DatabaseFaults;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.jspecify.annotations.Nullable;

/** The table {@code job_timer}: made to match the table {@code job}, and read into memory. */
@Singleton
class TimerRepository implements JobTimers {

    private static final Logger LOG = Logger.getLogger(TimerRepository.class);

    /**
     * A timer as read back.
     *
     * @param nextTick the first tick not accounted for, which may be past; null while the job is archived, paused or blocked
     * @param behind whether somebody had the row locked, so that it does not match its job yet
     */
    record Row(Timer timer, @Nullable Instant nextTick, boolean behind, boolean blocked) {}

    /**
     * @param reason why the timer is blocked now; null when it is blocked no more
     * @param before why it was blocked until now; null when it was not
     */
    record Blocked(
            UUID job, @Nullable String reason, @Nullable String before) {

        /** Whether the database refused it before, and may do so again. */
        boolean isTriedAgain() {
            return before != null && before.startsWith(DatabaseFaults.REFUSAL);
        }
    }

    /**
     * Makes timers match the jobs whose schedule changed since then. What was due before the change is settled first, as of
     * the change; the latest tick that was due still runs, unless the job is held now.
     *
     * <p>A first grid starts with a phase inside its first interval, taken from the job's id; a pause keeps the grid. A
     * changed interval counts from the last tick, so that changing it back brings the old grid back. The next tick that was
     * told may come earlier by that; later only where it follows a tick that was, and by no more than the old interval from
     * now: however often an interval is changed, the job runs.
     *
     * <p>A tick that still runs may be followed by ticks of the new grid from before the change. These never fell due, and are
     * passed over when it is claimed, or here if the schedule changes again before that.
     *
     * <p>A job that was paused or archived before it got its grid has had ticks all the same: the grid begins when the job did,
     * and its ticks up to the change become a gap.
     *
     * @param locked what to do about rows that somebody has locked
     */
    private static String synchronize(String locked) {
        return """
            with changed as materialized (
                select id as job_id, schedule_changed_at as basis, poll_interval_seconds as interval_seconds,
                    archived, paused_at is not null as paused,
                    make_interval(
                        secs => (1 + abs(hashtextextended(id::text, 0) % (poll_interval_seconds * 1000))) / 1000.0
                    ) as phase,
                    case when archived or paused_at is not null then (
                        select max(r.saved_at)
                        from job_revision r
                        where r.job_id = job.id and r.change in ('created', 'unarchived') and r.saved_at < schedule_changed_at)
                    end as begun
                from job
                where schedule_changed_at >= :since and (:only::uuid is null or id = :only)
            ), fresh as materialized (
                select c.*, coalesce(begun, basis) + phase as anchor,
                    ticks_until(coalesce(begun, basis) + phase, interval_seconds, basis) as ticks
                from changed c
                where not exists (select from job_timer t where t.job_id = c.job_id)
            ), made as (
                insert into job_timer (job_id, basis, anchor, interval_seconds, paused, next_tick, epoch)
                select job_id, basis, anchor, interval_seconds, paused,
                    case when not archived then tick_after(anchor, interval_seconds, ticks) end, 0
                from fresh
                on conflict (job_id) do nothing
                returning job_id
            ), stale as materialized (
                select c.*, case when c.begun > t.basis then c.begun else c.basis end + c.phase as anchor,
                    t.interval_seconds as old_interval_seconds, t.next_tick,
                    case when t.next_tick is null
                            or timer_fault(t.interval_seconds, t.anchor, t.next_tick, t.epoch) is not null then 0
                        else ticks_until(t.next_tick, t.interval_seconds, c.basis) end as ticks,
                    case when t.next_tick is null
                            or timer_fault(t.interval_seconds, t.anchor, t.next_tick, t.epoch) is not null then 0
                        else greatest(0, ticks_until(t.next_tick, t.interval_seconds, t.basis) - 1) end as never_due,
                    case when t.paused then 'paused' when t.lease_run is not null then 'overlap' else 'stalled' end as reason,
                    t.paused as was_paused, t.lease_run is not null as leased, t.anchor as old_anchor,
                    t.next_tick is null
                        or timer_fault(t.interval_seconds, t.anchor, t.next_tick, t.epoch) is not null as first_grid
                from changed c
                    join job_timer t on t.job_id = c.job_id
                where t.basis < c.basis
                order by t.job_id
                for update of t
            """ + locked + """
            ), settled as materialized (
                select s.*,
                    ticks > 0 and not (was_paused or leased or paused or archived) as runs_yet,
                    never_due > 0 and ticks - 1 <= never_due as only_first_due,
                    -- Of the old grid: the last tick up to the change, and the one after it
                    case when not first_grid then tick_after(next_tick, old_interval_seconds,
                        case when ticks - 1 <= never_due and never_due > 0 then 0 else ticks - 1 end) end as last_tick,
                    case when not first_grid then tick_after(next_tick, old_interval_seconds, ticks) end as told,
                    -- Nothing precedes it on its grid: it was kept from a grid before, or is the job's first
                    not first_grid and old_anchor >= tick_after(next_tick, old_interval_seconds, ticks) as told_is_fixed
                from stale s
            ), counted as (
                select s.*,
                    ticks_until(anchor, interval_seconds, basis) as first_ticks,
                    tick_after(last_tick, interval_seconds, 1) as due,
                    tick_after(last_tick, interval_seconds,
                        1 + ticks_until(tick_after(last_tick, interval_seconds, 1), interval_seconds, basis)) as next_due
                from settled s
            ), planned as (
                select c.*,
                    case
                        when first_grid then tick_after(anchor, interval_seconds, first_ticks)
                        when runs_yet then last_tick
                        when interval_seconds = old_interval_seconds then told
                        -- As far back as lets nobody wait longer than the new interval
                        when told_is_fixed then tick_after(told, interval_seconds,
                            1 - ceil(extract(epoch from told - basis) / interval_seconds)::bigint)
                        when next_due <= told then next_due
                        when due > basis
                            and (leased or due <= basis + make_interval(secs => old_interval_seconds)) then due
                        else told
                    end as planned_tick
                from counted c
            ), matched as (
                update job_timer t
                set basis = p.basis, interval_seconds = p.interval_seconds, paused = p.paused,
                    blocked = null, blocked_at = null,
                    anchor = case
                        when p.first_grid then p.anchor
                        when p.interval_seconds = p.old_interval_seconds then t.anchor
                        when p.planned_tick = p.due and not p.told_is_fixed and not p.runs_yet then p.last_tick
                        else p.planned_tick
                    end,
                    next_tick = case when not p.archived then p.planned_tick end
                from planned p
                where t.job_id = p.job_id
            ), missed as (
                select *
                from (
                    select job_id, next_tick as first_tick, old_interval_seconds as interval_seconds,
                        case when never_due > 0 then 1 else ticks end
                            - case when runs_yet and (never_due = 0 or only_first_due) then 1 else 0 end as ticks,
                        reason
                    from settled
                    where ticks > 0
                    union all
                    select job_id, tick_after(next_tick, old_interval_seconds, never_due + 1), old_interval_seconds,
                        ticks - 1 - never_due - case when runs_yet then 1 else 0 end, reason
                    from settled
                    where never_due > 0 and not only_first_due
                    union all
                    select job_id, anchor, interval_seconds, first_ticks, 'stalled'
                    from counted
                    where first_grid
                    union all
                    select job_id, anchor, interval_seconds, ticks, 'stalled'
                    from fresh
                        join made using (job_id)
                ) m
                where ticks > 0
            ),
            """ + TickGaps.RECORD + """
            select m.job_id,
            """ + TickGaps.COLUMNS + """

            from missed m
            """;
    }

    private static final String SYNCHRONIZE = synchronize("skip locked");

    /** Waits for the row, as long as the session lets it. */
    private static final String SYNCHRONIZE_ONE = synchronize("");

    /** All that should be in memory, told by sums that a node can make of what is in its own. */
    private static final String CHECK = """
            select count(*) filter (where t.next_tick is not null and not t.paused and t.blocked is null) as active,
                coalesce(sum((date_part('epoch', t.basis) * 1000000)::bigint % :modulus)
                    filter (where t.next_tick is not null and not t.paused and t.blocked is null), 0)::bigint as sum,
                count(*) filter (where t.basis is distinct from j.schedule_changed_at) as stale
            from job j
                left join job_timer t on t.job_id = j.id
            """;

    private static final String CHANGED = """
            select count(*) as jobs,
                coalesce(sum((date_part('epoch', schedule_changed_at) * 1000000)::bigint % :modulus), 0)::bigint as sum
            from job
            where schedule_changed_at >= :since
            """;

    /** Jobs whose timers do not match them. */
    private static final String BEHIND = """
            select j.id
            from job j
                left join job_timer t on t.job_id = j.id
            where j.schedule_changed_at >= :since and (t.job_id is null or t.basis < j.schedule_changed_at)
            """;

    private static final String READ = """
            select t.job_id, t.basis, t.anchor, t.interval_seconds,
                case when not t.paused and t.blocked is null then t.next_tick end as next_tick,
                t.basis < j.schedule_changed_at as behind, t.blocked is not null as blocked
            from job_timer t
                join job j on j.id = t.job_id
            where j.schedule_changed_at >= :since
                -- What cannot be read would keep all others from being read
                and isfinite(t.anchor) and isfinite(t.basis) and (t.next_tick is null or isfinite(t.next_tick))
            """;

    /**
     * Sets timers aside that are damaged, and takes back those that are sound again. One that the database refused is tried
     * again after a while: what was wrong with it may lie in another table.
     */
    private static final String INSPECT = """
            with looked as materialized (
                select job_id, blocked, blocked_at, timer_fault(interval_seconds, anchor, next_tick, epoch) as fault
                from job_timer
                where :all or job_id = any(:jobs)
            ), changed as (
                select t.job_id, l.fault, l.blocked as before
                from looked l
                    join job_timer t on t.job_id = l.job_id
                where l.fault is not null and l.blocked is null
                    or l.fault is null and (not starts_with(l.blocked, :refusal)
                        or l.blocked_at < clock_timestamp() - interval '30 seconds')
                for update of t skip locked
            )
            update job_timer t
            set blocked = c.fault, blocked_at = case when c.fault is not null then clock_timestamp() end
            from changed c
            where t.job_id = c.job_id
            returning t.job_id, t.blocked, c.before
            """;

    private static final String SET_ASIDE = """
            update job_timer
            set blocked = :reason, blocked_at = clock_timestamp()
            where job_id = :job and blocked is null
            """;

    private static final OffsetDateTime EVER = Instant.EPOCH.atOffset(ZoneOffset.UTC);

    private final Jdbi jdbi;
    private final RunEvents events;

    TimerRepository(Jdbi jdbi, RunEvents events) {
        this.jdbi = jdbi;
        this.events = events;
    }

    /** Makes timers match the jobs whose schedule changed at or after {@code since}, and reads them. */
    List<Row> synchronize(Instant since) {
        OffsetDateTime from = since.atOffset(ZoneOffset.UTC);
        return jdbi.withHandle(handle -> {
            try {
                events.tell(match(handle, SYNCHRONIZE, from, null));
            } catch (UnableToExecuteStatementException e) {
                if (!DatabaseFaults.isOfTheData(e)) {
                    throw e;
                }
                matchOneByOne(handle, from);
            }
            return handle.createQuery(READ)
                    .bind("since", from)
                    .map((row, context) -> new Row(
                            new Timer(
                                    row.getObject("job_id", UUID.class),
                                    row.getObject("basis", OffsetDateTime.class).toInstant(),
                                    row.getObject("anchor", OffsetDateTime.class)
                                            .toInstant(),
                                    row.getInt("interval_seconds")),
                            instant(row.getObject("next_tick", OffsetDateTime.class)),
                            row.getBoolean("behind"),
                            row.getBoolean("blocked")))
                    .list();
        });
    }

    @Override
    public void match(UUID job) {
        try {
            List<RunEvent.Gap> gaps = jdbi.withHandle(handle -> match(handle, job));
            events.tell(gaps);
        } catch (RuntimeException e) {
            LOG.debugf(e, "The timer of job %s is left to the reconciler", job);
        }
    }

    /** As {@link #match(UUID)}, in the handle's transaction. Returns what is to be told after its commit. */
    static List<RunEvent.Gap> match(Handle handle, UUID job) {
        return match(handle, SYNCHRONIZE_ONE, EVER, job);
    }

    private static List<RunEvent.Gap> match(
            Handle handle, String synchronize, OffsetDateTime since, @Nullable UUID only) {
        return handle
                .createQuery(synchronize)
                .bind("since", since)
                .bind("only", only)
                .map((row, context) -> TickGaps.read(row))
                .list()
                .stream()
                .flatMap(Optional::stream)
                .toList();
    }

    /** One job that the database refuses keeps no other. */
    private void matchOneByOne(Handle handle, OffsetDateTime since) {
        List<UUID> behind = handle.createQuery(BEHIND)
                .bind("since", since)
                .mapTo(UUID.class)
                .list();
        for (UUID job : behind) {
            try {
                events.tell(match(handle, SYNCHRONIZE, since, job));
            } catch (UnableToExecuteStatementException e) {
                if (!DatabaseFaults.isOfTheData(e)) {
                    throw e;
                }
                if (setAside(job, DatabaseFaults.reason(e))) {
                    LOG.errorf(e, "Job %s is blocked: its timer cannot be made to match it", job);
                }
            }
        }
    }

    /** Looks for damage in the timers of these jobs, or in all; returns those that changed. */
    List<Blocked> inspect(Collection<UUID> jobs, boolean all) {
        return jdbi.withHandle(handle -> handle.createQuery(INSPECT)
                .bind("all", all)
                .bind("refusal", DatabaseFaults.REFUSAL)
                .bindArray("jobs", UUID.class, jobs.toArray())
                .map((row, context) -> new Blocked(
                        row.getObject("job_id", UUID.class), row.getString("blocked"), row.getString("before")))
                .list());
    }

    /** Blocks a job that the database refuses to claim; false when it is blocked already. */
    boolean setAside(UUID job, String reason) {
        return jdbi.withHandle(handle -> handle.createUpdate(SET_ASIDE)
                        .bind("job", job)
                        .bind("reason", reason)
                        .execute())
                > 0;
    }

    /** The jobs whose schedule changed at or after {@code since}, archived and paused ones too. */
    TimerTally changedSince(Instant since) {
        return jdbi.withHandle(handle -> handle.createQuery(CHANGED)
                .bind("since", since.atOffset(ZoneOffset.UTC))
                .bind("modulus", TimerTally.MODULUS)
                .map((row, context) -> new TimerTally(row.getLong("jobs"), row.getLong("sum"), 0))
                .one());
    }

    /** How many timers there should be; compared with what a node has in memory. */
    TimerTally check() {
        return jdbi.withHandle(handle -> handle.createQuery(CHECK)
                .bind("modulus", TimerTally.MODULUS)
                .map((row, context) -> new TimerTally(row.getLong("active"), row.getLong("sum"), row.getLong("stale")))
                .one());
    }

    private static @Nullable Instant instant(@Nullable OffsetDateTime value) {
        return value == null ? null : value.toInstant();
    }
}

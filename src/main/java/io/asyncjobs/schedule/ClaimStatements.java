package io.asyncjobs.schedule;

/** The statements of {@link Claims}. */
final class ClaimStatements {

    /** One time for a whole claim, and since when there has been a node; no row, so no claim, for a node that counts as dead. */
    private static final String CLOCK = """
            with clock as materialized (
                select clock_timestamp() as at,
                    -- A node that fell silent is not up, also before another one has noticed
                    (select min(started_at) from node
                    where ended_at is null and heartbeat_at >= clock_timestamp() - :leaseDuration) as up_since
                -- A node that others may take for dead wins nothing: its leases would be ended at once
                where exists (
                    select from node
                    where id = :node and ended_at is null and heartbeat_at >= clock_timestamp() - :leaseDuration)
            )
            """;

    /**
     * Takes the jobs of which exactly one tick is due that may run: nearly all, in nearly every claim. Rows are locked in
     * the order of the arrays, as long as they are looked up by key.
     */
    static final NamedStatement CLAIM_SINGLE = new NamedStatement(CLOCK + """
            , won as (
                update job_timer t
                set next_tick = t.next_tick + make_interval(secs => t.interval_seconds), epoch = t.epoch + 1,
                    lease_run = a.run_id, lease_node = :node, last_run = a.run_id
                from unnest(:jobIds, :runIds) as a (job_id, run_id)
                    join job j on j.id = a.job_id
                    left join account u on u.id = j.associated_account
                    cross join clock c
                where t.job_id = a.job_id and t.basis is not distinct from j.schedule_changed_at
                    -- One condition on all tables: of its parts the planner would think so much that it read all timers
                    and case when a.run_id is not null then
                        t.lease_run is null and not t.paused and t.blocked is null
                        and t.next_tick <= c.at + :ahead
                        and t.next_tick + make_interval(secs => t.interval_seconds) > c.at + :ahead
                        and t.next_tick >= greatest(c.up_since, c.at - :horizon)
                    end
                returning t.job_id, a.run_id, t.next_tick - make_interval(secs => t.interval_seconds) as tick, t.epoch,
                    j.revision, c.at, u.username as associated_user, case when not u.active then u.username end as inactive_user
            ), started as (
                insert into run (id, job_id, revision, trigger, scheduled_for, started_at, node_id, epoch, associated_user)
                select run_id, job_id, revision, 'timer', tick, greatest(tick, at), :node, epoch, associated_user
                from won
            )
            select job_id, run_id, revision, epoch, tick, inactive_user from won
            """);

    /**
     * Takes what is due of the jobs asked for. The latest tick runs; earlier ones, and all that fell due before any node
     * was there or longer than the horizon ago, become a gap. A tick of the grid before the last change runs alone: those that
     * the new grid would have had before the change never fell due. Returns a row for each job that was due, whether or not a
     * tick of it runs.
     */
    static final NamedStatement CLAIM =
            new NamedStatement(CLOCK + """
            , asked as (
                select * from unnest(:jobIds, :runIds) as asked (job_id, run_id)
            ), due as materialized (
                select t.job_id, a.run_id, t.next_tick, t.interval_seconds, t.epoch + 1 as epoch, j.revision,
                    u.username as associated_user, case when not u.active then u.username end as inactive_user,
                    c.at, c.up_since,
                    case when ticks_until(t.next_tick, t.interval_seconds, t.basis) > 1 then 1
                        else ticks_until(t.next_tick, t.interval_seconds, c.at + :ahead) end as ticks,
                    greatest(0, ticks_until(t.next_tick, t.interval_seconds, t.basis) - 1) as never_due
                from asked a
                    join job_timer t on t.job_id = a.job_id
                    join job j on j.id = a.job_id and t.basis is not distinct from j.schedule_changed_at
                    left join account u on u.id = j.associated_account
                    cross join clock c
                where case when a.run_id is not null then
                        t.lease_run is null and not t.paused and t.blocked is null and t.next_tick <= c.at + :ahead
                        and timer_fault(t.interval_seconds, t.anchor, t.next_tick, t.epoch) is null
                    end
                for update of t skip locked
            ), latest as materialized (
                select d.*, tick_after(next_tick, interval_seconds, ticks - 1) as tick,
                    tick_after(next_tick, interval_seconds, ticks - 1) >= greatest(up_since, at - :horizon) as runs
                from due d
            ), moved as (
                update job_timer t
                set next_tick = tick_after(l.tick, l.interval_seconds, 1 + l.never_due),
                    epoch = case when l.runs then l.epoch else t.epoch end,
                    lease_run = case when l.runs then l.run_id end,
                    lease_node = case when l.runs then :node end,
                    last_run = case when l.runs then l.run_id else t.last_run end
                from latest l
                where t.job_id = l.job_id
            ), started as (
                insert into run (id, job_id, revision, trigger, scheduled_for, started_at, node_id, epoch, associated_user)
                select run_id, job_id, revision, 'timer', tick, greatest(tick, at), :node, epoch, associated_user
                from latest
                where runs
            ), missed as (
                select job_id, next_tick as first_tick, interval_seconds,
                    case when runs then ticks - 1 else ticks end as ticks,
                    case when next_tick < up_since then 'down' else 'stalled' end as reason
                from latest
                where ticks > 1 or not runs
            ),
            """ + TickGaps.RECORD + """
            select l.job_id, l.run_id, l.revision, l.epoch, l.tick, l.inactive_user, l.runs,
            """ + TickGaps.COLUMNS + """

            from latest l
                left join missed m on m.job_id = l.job_id
            """);

    /**
     * Claims one job for a run by hand, whatever the time. Of another revision than the latest the account is that one's, too:
     * a run is all that its revision says. {@code revision} is 0 for the latest, {@code parameters} is empty for the revision's.
     */
    static final NamedStatement CLAIM_NOW = new NamedStatement("""
            with clock as materialized (
                select clock_timestamp() as at
                where exists (
                    select from node
                    where id = :node and ended_at is null and heartbeat_at >= clock_timestamp() - :leaseDuration)
            ), held as materialized (
                select t.job_id, t.epoch + 1 as epoch, coalesce(v.revision, j.revision) as revision,
                    u.username as associated_user, case when not u.active then u.username end as inactive_user, c.at
                from job_timer t
                    join job j on j.id = t.job_id and not j.archived
                    left join job_revision v on v.job_id = j.id and v.revision = :revision
                    left join account u
                        on u.id = case when v.revision is null then j.associated_account else v.associated_account end
                    cross join clock c
                where t.job_id = :job and t.lease_run is null and (:revision = 0 or v.revision is not null)
                for update of t
            ), moved as (
                update job_timer t
                set epoch = h.epoch, lease_run = :run, lease_node = :node, last_run = :run
                from held h
                where t.job_id = h.job_id
            ), started as (
                insert into run (id, job_id, revision, trigger, scheduled_for, started_at, node_id, epoch, associated_user,
                    parameters)
                select :run, job_id, revision, 'manual', at, at, :node, epoch, associated_user, nullif(:parameters, '')
                from held
            )
            select job_id, revision, epoch, at, inactive_user from held
            """);

    /**
     * Undoes claims. Where the job got another grid or none meanwhile, a tick from before that becomes a gap: it fell due, and
     * the run only waited for a slot.
     */
    static final NamedStatement GIVE_BACK = new NamedStatement("""
            with back as (
                select * from unnest(:jobIds, :runIds, :epochs, :ticks) as back (job_id, run_id, epoch, tick)
            ), held as materialized (
                select t.job_id, b.run_id, b.tick
                from back b
                    join job_timer t on t.job_id = b.job_id
                where t.epoch = b.epoch and t.lease_run = b.run_id
                order by t.job_id
                for update of t skip locked
            ), freed as (
                update job_timer t
                set lease_run = null, lease_node = null,
                    next_tick = case when t.next_tick = tick_after(h.tick, t.interval_seconds, 1) then h.tick
                        else t.next_tick end,
                    last_run = case when t.last_run = h.run_id
                        then (select r.id from run r where r.job_id = t.job_id and r.id < h.run_id order by r.id desc limit 1)
                        else t.last_run end
                from held h
                where t.job_id = h.job_id
                returning t.job_id, h.run_id, h.tick, t.interval_seconds, t.basis,
                    t.next_tick is not distinct from h.tick as restored
            ), gone as (
                delete from run r using freed f where r.id = f.run_id
            ), missed as (
                select job_id, tick as first_tick, interval_seconds, 1 as ticks, 'stalled' as reason
                from freed
                where not restored and tick <= basis
            ),
            """ + TickGaps.RECORD + """
            select f.run_id, f.job_id,
            """ + TickGaps.COLUMNS + """

            from freed f
                left join missed m on m.job_id = f.job_id
            """);

    /**
     * Which of these jobs are due and claimed by nobody. Asked before a claim of jobs that another node asks for first, of which
     * hardly any is due: one look-up a job instead of six. Asked after a claim of jobs that were not won.
     */
    static final NamedStatement OVERDUE = new NamedStatement("""
            select t.job_id
            from unnest(:jobIds) as a (job_id)
                join job_timer t on t.job_id = a.job_id
            where t.lease_run is null and not t.paused and t.blocked is null
                and t.next_tick <= clock_timestamp() + :ahead
            """);

    private ClaimStatements() {}
}

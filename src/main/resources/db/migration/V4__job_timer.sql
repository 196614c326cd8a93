-- A job's time grid and the lease on its current run. Claims and completions update the row in place: no index but the
-- key, and free space in each page, keep those updates heap-only.
create table job_timer (
    job_id uuid constraint job_timer_pk primary key constraint job_timer_job_fk references job (id) on delete cascade,
    -- job.schedule_changed_at of the configuration this row was made from; a difference means: reconcile first
    basis timestamptz not null,
    anchor timestamptz not null,
    interval_seconds integer not null,
    paused boolean not null,
    -- The first tick not yet accounted for by a run or a gap; null while the job is archived
    next_tick timestamptz,
    epoch bigint not null,
    lease_run uuid,
    lease_node uuid,
    last_run uuid,
    constraint job_timer_lease_whole check ((lease_run is null) = (lease_node is null))
) with (fillfactor = 60);

-- Consecutive ticks of one grid that had no run, and why.
create table tick_gap (
    job_id uuid not null constraint tick_gap_job_fk references job (id) on delete cascade,
    first_tick timestamptz not null,
    last_tick timestamptz not null,
    ticks bigint not null,
    interval_seconds integer not null,
    reason text not null,
    constraint tick_gap_pk primary key (job_id, first_tick),
    constraint tick_gap_reason_known check (reason in ('overlap', 'paused', 'down', 'stalled', 'lost')),
    constraint tick_gap_count_consistent check (
        last_tick = first_tick + make_interval(secs => ((ticks - 1) * interval_seconds)::double precision))
);

-- A gap that goes on is extended, not repeated: found by where it ends
create unique index tick_gap_end on tick_gap (job_id, last_tick);

-- How many ticks of a grid lie in [next_tick, at].
create function ticks_until(next_tick timestamptz, interval_seconds integer, at timestamptz) returns bigint
    language sql immutable parallel safe
    return greatest(0, floor(extract(epoch from at - next_tick) / interval_seconds)::bigint + 1);

-- The tick that lies so many ticks after another.
create function tick_after(tick timestamptz, interval_seconds integer, ticks bigint) returns timestamptz
    language sql stable parallel safe
    return tick + make_interval(secs => (ticks * interval_seconds)::double precision);

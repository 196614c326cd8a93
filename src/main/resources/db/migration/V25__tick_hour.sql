-- What a job's ticks came to, hour by hour: what the ledger answers from, long after runs and gaps themselves have gone.
-- No foreign keys: a roll-up must not lock jobs, and nobody asks for the ledger of a deleted one.
create table tick_hour (
    job_id uuid not null,
    hour timestamptz not null,
    ran bigint not null,
    late bigint not null,
    first_tick timestamptz,
    last_tick timestamptz,
    -- How many runs took how long: slots of duration_slot and a count for each; a slot may come twice
    duration_slots smallint[] not null,
    duration_counts integer[] not null,
    constraint tick_hour_pk primary key (job_id, hour)
);

create index tick_hour_by_time on tick_hour using brin (hour);

create table tick_hour_gap (
    job_id uuid not null,
    hour timestamptz not null,
    reason text not null,
    ticks bigint not null,
    constraint tick_hour_gap_pk primary key (job_id, hour, reason)
);

create index tick_hour_gap_by_time on tick_hour_gap using brin (hour);

-- How many of a gap's ticks, from its first on, are in tick_hour_gap. A gap may still grow afterwards.
alter table tick_gap add column rolled_ticks bigint not null default 0;

create index tick_gap_unrolled on tick_gap (job_id) where rolled_ticks < ticks;

-- How far the history has been rolled up and cleared. Whoever moves it on holds its row.
create table history_progress (
    only_row boolean not null default true constraint history_progress_pk primary key
        constraint history_progress_single check (only_row),
    -- Runs claimed before are in tick_hour, later ones are not; a full hour
    rolled_until timestamptz not null,
    -- From then on every run and gap is there itself; a full hour, never after rolled_until
    details_from timestamptz not null,
    -- Before then there is no ledger any more; a full hour
    ledger_from timestamptz not null,
    constraint history_progress_in_order check (ledger_from <= details_from and details_from <= rolled_until)
);

create function full_hour(at timestamptz) returns timestamptz
    language sql immutable parallel safe
    return date_bin('1 hour', at, timestamptz '1970-01-01 00:00:00+00');

-- An hour more, since a run may be claimed a moment before its tick
insert into history_progress (rolled_until, details_from, ledger_from)
select start.at, start.at, timestamptz '1970-01-01 00:00:00+00'
from (select full_hour(least(now(), min(scheduled_for))) - interval '1 hour' as at from run) start;

-- The time in a UUIDv7.
create function uuid_v7_time(id uuid) returns timestamptz
    language sql stable parallel safe
    return to_timestamp(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 1000.0);

-- Which slot of the distribution a run's time falls into: slot n ends at 2^(n/16) / 16 milliseconds, so that a slot is 4.4 %
-- wide.
create function duration_slot(started_at timestamptz, finished_at timestamptz) returns smallint
    language sql immutable parallel safe
    return greatest(0, ceil(16 * ln(greatest(extract(epoch from finished_at - started_at)::double precision * 16000, 1e-9))
        / ln(2::double precision)))::smallint;

-- How many ticks of a gap, without its first ones that are skipped, lie in [since, until).
create function gap_ticks_within(
    first_tick timestamptz, interval_seconds integer, ticks bigint, skipped bigint, since timestamptz, until timestamptz)
    returns bigint
    language sql immutable parallel safe
    return greatest(0, least(ticks, ticks_until(first_tick, interval_seconds, until - interval '1 microsecond'))
        - greatest(skipped, least(ticks, ticks_until(first_tick, interval_seconds, since - interval '1 microsecond'))));

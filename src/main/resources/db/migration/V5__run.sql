-- One execution of a job's script. Ids are UUIDv7 made with the database's clock, so a range of ids is a range of time.
create table run (
    id uuid not null,
    job_id uuid not null,
    revision integer not null,
    trigger text not null,
    scheduled_for timestamptz not null,
    started_at timestamptz,
    finished_at timestamptz,
    outcome text,
    node_id uuid not null,
    epoch bigint not null,
    associated_user text,
    result text,
    error text,
    effects text,
    log_truncated boolean not null default false,
    constraint run_pk primary key (id),
    constraint run_trigger_known check (trigger in ('timer', 'manual')),
    constraint run_outcome_known check (
        outcome in ('succeeded', 'failed', 'timed_out', 'limit_exceeded', 'cancelled', 'lost'))
) partition by range (id);

create index run_job on run (job_id, id);

-- A run's log in chunks, each a JSON array of lines.
create table run_log (
    run_id uuid not null,
    chunk integer not null,
    lines text not null,
    constraint run_log_pk primary key (run_id, chunk)
) partition by range (run_id);

-- What no partition of a day takes: never a reason to lose a run.
create table run_default partition of run default;
create table run_log_default partition of run_log default;

-- The smallest UUIDv7 of an instant.
create function uuid_v7_floor(at timestamptz) returns uuid
    language sql stable parallel safe
    return (lpad(to_hex(floor(extract(epoch from at) * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid;

-- Makes the partitions of the UTC days from first_day on; those that exist stay as they are.
create function ensure_run_partitions(first_day date, days integer) returns void
    language plpgsql as $$
declare
    day date;
    since uuid;
    until uuid;
    parent text;
begin
    -- One node at a time; the others find the partitions made
    perform pg_advisory_xact_lock(hashtext('ensure_run_partitions'));
    for day in select first_day + n from generate_series(0, days - 1) n loop
        since := uuid_v7_floor(day::timestamp at time zone 'UTC');
        until := uuid_v7_floor((day + 1)::timestamp at time zone 'UTC');
        foreach parent in array array['run', 'run_log'] loop
            execute format('create table if not exists %I partition of %I for values from (%L) to (%L)',
                parent || '_' || to_char(day, 'YYYYMMDD'), parent, since, until);
        end loop;
    end loop;
end
$$;

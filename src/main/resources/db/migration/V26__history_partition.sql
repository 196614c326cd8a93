-- The partitions of run and run_log, both cut at the same instants. What a partition holds beyond its time moves to
-- run_kept before it goes.
create table history_partition (
    -- The tables are run_ and run_log_ with this behind them
    name text constraint history_partition_pk primary key,
    since timestamptz not null,
    until timestamptz not null,
    vacuumed boolean not null default false,
    -- Detached: nobody reads it any more, its tables are dropped next
    retired boolean not null default false,
    constraint history_partition_in_order check (since < until),
    constraint history_partition_apart exclude using gist (tstzrange(since, until) with &&) where (not retired)
);

insert into history_partition (name, since, until)
select day, to_date(day, 'YYYYMMDD')::timestamp at time zone 'UTC', (to_date(day, 'YYYYMMDD') + 1)::timestamp at time zone 'UTC'
from (
    select substr(c.relname, 5) as day
    from pg_inherits i
        join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'run'::regclass and c.relname ~ '^run_\d{8}$'
) made;

drop function ensure_run_partitions(date, integer);

-- Makes the partition of [since, until), with what the default one took of that time. Attaching, other than creating as a
-- partition, leaves the other partitions' readers and writers alone.
create function make_history_partition(partition_name text, partition_since timestamptz, partition_until timestamptz)
    returns void
    language plpgsql as $$
declare
    ids_from uuid := uuid_v7_floor(partition_since);
    ids_to uuid := uuid_v7_floor(partition_until);
    parent text;
    key text;
    made text;
begin
    insert into history_partition (name, since, until) values (partition_name, partition_since, partition_until);
    foreach parent in array array['run', 'run_log'] loop
        key := case parent when 'run' then 'id' else 'run_id' end;
        made := parent || '_' || partition_name;
        execute format('create table %I (like %I including all)', made, parent);
        execute format('lock table %I in access exclusive mode', parent || '_default');
        execute format('with taken as (delete from %I where %I >= %L and %I < %L returning *) insert into %I select * from taken',
            parent || '_default', key, ids_from, key, ids_to, made);
        execute format('alter table %I attach partition %I for values from (%L) to (%L)', parent, made, ids_from, ids_to);
    end loop;
end
$$;

-- Runs and logs that outlive their partition.
create table run_kept (like run including all);
create table run_log_kept (like run_log including all);

-- Every run on record, wherever it is; the same for logs.
create view run_history as
    select id, job_id, revision, trigger, scheduled_for, started_at, finished_at, outcome, node_id, epoch, associated_user,
        result, error, effects, log_truncated
    from run
    union all
    select id, job_id, revision, trigger, scheduled_for, started_at, finished_at, outcome, node_id, epoch, associated_user,
        result, error, effects, log_truncated
    from run_kept;

create view run_log_history as
    select run_id, chunk, lines from run_log
    union all
    select run_id, chunk, lines from run_log_kept;

-- The hour for which history was last cleared; it is done once for each hour that is rolled up.
alter table history_progress add column cleared_until timestamptz not null default timestamptz '1970-01-01 00:00:00+00';

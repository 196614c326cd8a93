-- A partition is vacuumed each time it has grown by 100,000 rows, so that counting a job's runs reads the index but for the
-- latest; by default a fifth of a large one would be read row by row. Runs have room for their ends in their own page.
create or replace function make_history_partition(
    partition_name text, partition_since timestamptz, partition_until timestamptz)
    returns void
    language plpgsql as $$
declare
    ids_from uuid := uuid_v7_floor(partition_since);
    ids_to uuid := uuid_v7_floor(partition_until);
    parent text;
    key text;
    made text;
    room integer;
begin
    insert into history_partition (name, since, until) values (partition_name, partition_since, partition_until);
    foreach parent in array array['run', 'run_log'] loop
        key := case parent when 'run' then 'id' else 'run_id' end;
        room := case parent when 'run' then 50 else 100 end;
        made := parent || '_' || partition_name;
        execute format('create table %I (like %I including all) with (fillfactor = %s,'
            || ' autovacuum_vacuum_insert_threshold = 100000, autovacuum_vacuum_insert_scale_factor = 0)', made, parent, room);
        execute format('lock table %I in access exclusive mode', parent || '_default');
        execute format('with taken as (delete from %I where %I >= %L and %I < %L returning *) insert into %I select * from taken',
            parent || '_default', key, ids_from, key, ids_to, made);
        execute format('alter table %I attach partition %I for values from (%L) to (%L)', parent, made, ids_from, ids_to);
    end loop;
end
$$;

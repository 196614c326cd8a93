-- Tells every node of a change of a job as it is committed: with the job's id, or with nothing where many have changed.
create function tell_of_changed_jobs() returns trigger
    language plpgsql as $$
declare
    few constant integer := 100;
begin
    if (select count(*) from (select from changed limit few + 1) counted) > few then
        perform pg_notify('asyncjobs_job', '');
    else
        perform pg_notify('asyncjobs_job', changed.id::text) from changed;
    end if;
    return null;
end
$$;

create trigger job_added_notice
    after insert on job
    referencing new table as changed
    for each statement
    execute function tell_of_changed_jobs();

create trigger job_changed_notice
    after update on job
    referencing new table as changed
    for each statement
    execute function tell_of_changed_jobs();

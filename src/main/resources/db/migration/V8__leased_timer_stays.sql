-- A job whose run goes on cannot be deleted: the run's end would find no timer and stay unrecorded.
create function refuse_delete_of_leased_timer() returns trigger
    language plpgsql as $$
begin
    raise exception using
        errcode = 'check_violation',
        message = 'delete on table "job_timer" violates check constraint "job_timer_not_leased"',
        constraint = 'job_timer_not_leased';
end
$$;

create trigger job_timer_not_leased
    before delete on job_timer
    for each row
    when (old.lease_run is not null)
    execute function refuse_delete_of_leased_timer();

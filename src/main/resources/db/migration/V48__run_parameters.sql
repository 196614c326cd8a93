-- Parameters that a run was given for itself. A run without them has those of its revision.
alter table run add column parameters text;
alter table run_kept add column parameters text;

create or replace view run_history as
    select id, job_id, revision, trigger, scheduled_for, started_at, finished_at, outcome, node_id, epoch, associated_user,
        result, error, effects, log_truncated, parameters
    from run
    union all
    select id, job_id, revision, trigger, scheduled_for, started_at, finished_at, outcome, node_id, epoch, associated_user,
        result, error, effects, log_truncated, parameters
    from run_kept;

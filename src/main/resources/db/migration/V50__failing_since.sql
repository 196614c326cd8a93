-- Since when a job fails, and when it last succeeded: kept with the lease that each end of a run gives back, so that a list
-- looks at no runs for it, and so that it outlives them.
alter table job_timer
    -- The end of the first run that failed since the last one that succeeded; null where the last one did. A cancelled run
    -- says neither
    add failing_since timestamptz,
    add failing_run uuid,
    -- How many have failed since
    add failed_runs bigint not null default 0,
    add last_success_at timestamptz,
    add last_success_run uuid;

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

-- From the runs on record, as far back as these go.
update job_timer t
set last_success_at = s.finished_at, last_success_run = s.id,
    failing_since = f.failing_since, failing_run = f.failing_run, failed_runs = coalesce(f.failed_runs, 0)
from job_timer j
    left join lateral (
        select id, finished_at
        from run_history
        where job_id = j.job_id and outcome = 'succeeded'
        order by id desc
        limit 1
    ) s on true
    left join lateral (
        select min(finished_at) as failing_since, (array_agg(id order by id))[1] as failing_run, count(*) as failed_runs
        from run_history
        where job_id = j.job_id and outcome in ('failed', 'timed_out', 'limit_exceeded', 'lost')
            and (s.id is null or id > s.id)
    ) f on true
where t.job_id = j.job_id;

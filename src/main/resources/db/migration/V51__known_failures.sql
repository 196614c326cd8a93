-- Since when jobs fail, from the runs on record, as far back as these go. Apart from the change of the table, and sorted
-- before the first row is changed: nodes of the version before claim and end runs while the runs are read.
set local statement_timeout = 0;

with known as materialized (
    select j.job_id, s.id as last_success_run, s.finished_at as last_success_at, f.failing_since, f.failing_run, f.failed_runs
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
    order by j.job_id
)
update job_timer t
set last_success_at = k.last_success_at, last_success_run = k.last_success_run, failing_since = k.failing_since,
    failing_run = k.failing_run, failed_runs = k.failed_runs
from known k
where t.job_id = k.job_id;

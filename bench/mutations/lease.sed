# A job is claimed although a run of it goes on
s|t.lease_run is null and not t.paused and t.blocked is null|not t.paused and t.blocked is null|
s|where t.job_id = :job and t.lease_run is null|where t.job_id = :job|

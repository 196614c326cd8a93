-- What a run may use beside its time; null takes the service's default.
alter table job
    add column log_bytes integer,
    add column result_bytes integer,
    add column state_chars integer,
    add column host_calls integer;
alter table job_revision
    add column log_bytes integer,
    add column result_bytes integer,
    add column state_chars integer,
    add column host_calls integer;

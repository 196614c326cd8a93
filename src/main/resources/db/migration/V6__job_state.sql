-- What a job's script keeps from run to run: JSON values, written only with a successful run.
create table job_state (
    job_id uuid not null constraint job_state_job_fk references job (id) on delete cascade,
    key text not null,
    value text not null,
    updated_at timestamptz not null,
    updated_by_run uuid,
    constraint job_state_pk primary key (job_id, key)
);

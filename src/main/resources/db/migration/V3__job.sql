-- Sources by digest, shared by all revisions that hold the same bytes.
create table script (
    sha256 text constraint script_pk primary key,
    md5 text not null,
    source bytea not null,
    created_at timestamptz not null
);

create index script_md5 on script (md5);

-- What a job is now.
create table job (
    id uuid constraint job_pk primary key,
    name text not null,
    name_key text not null,
    description text,
    archived boolean not null,
    associated_account uuid constraint job_account_fk references account (id),
    poll_interval_seconds integer not null,
    timeout_seconds integer not null,
    script_sha256 text not null constraint job_script_fk references script (sha256),
    parameters text not null,
    parameters_schema text,
    paused_at timestamptz,
    paused_until timestamptz,
    paused_by text,
    pause_reason text,
    revision integer not null,
    -- Grows with every change, also those that make no revision (pause, resume): the ETag's number
    version integer not null,
    -- When archived, paused or the interval last changed: what timers are reconciled by
    schedule_changed_at timestamptz not null,
    created_at timestamptz not null,
    created_by text not null,
    updated_at timestamptz not null,
    updated_by text not null,
    constraint job_name_unique unique (name_key),
    constraint job_poll_interval_bounded check (poll_interval_seconds between 1 and 300),
    constraint job_timeout_bounded check (timeout_seconds between 1 and 300),
    constraint job_pause_whole check (paused_at is not null or (paused_until is null and paused_by is null))
);

create index job_schedule_changed on job (schedule_changed_at);
create index job_account on job (associated_account);

-- What a job was at each save.
create table job_revision (
    job_id uuid not null constraint job_revision_job_fk references job (id) on delete cascade,
    revision integer not null,
    change text not null,
    name text not null,
    description text,
    archived boolean not null,
    associated_account uuid constraint job_revision_account_fk references account (id),
    poll_interval_seconds integer not null,
    timeout_seconds integer not null,
    script_sha256 text not null constraint job_revision_script_fk references script (sha256),
    parameters text not null,
    parameters_schema text,
    reason text,
    saved_at timestamptz not null,
    saved_by text not null,
    constraint job_revision_pk primary key (job_id, revision),
    constraint job_revision_change_known check (change in ('created', 'updated', 'archived', 'unarchived', 'reverted'))
);

create index job_revision_account on job_revision (associated_account);
create index job_revision_script on job_revision (script_sha256);

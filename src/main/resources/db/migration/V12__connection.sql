-- Named endpoints for scripts. Secrets are sealed by the service (AES-GCM) with a key the database never sees.
create table connection (
    id            uuid        not null constraint connection_pk primary key,
    name          text        not null,
    -- trimmed, Unicode NFC, case folded: what must be unique
    name_key      text        not null constraint connection_name_unique unique,
    kind          text        not null constraint connection_kind_known check (kind in ('HTTP', 'POSTGRESQL')),
    description   text,
    -- JSON: what its kind needs, but for the secret
    settings      text        not null,
    -- Opens only for this row's id and the place its settings name
    sealed_secret bytea,
    created_at    timestamptz not null,
    created_by    text        not null,
    updated_at    timestamptz not null,
    updated_by    text        not null,
    version       integer     not null
);

create table account (
    id           uuid        not null constraint account_pk primary key,
    username     text        not null,
    -- trimmed, Unicode NFC, case folded: what must be unique
    username_key text        not null constraint account_username_key_unique unique,
    display_name text        not null,
    kind         text        not null constraint account_kind_known check (kind in ('PERSON', 'SYSTEM')),
    email        text,
    active       boolean     not null,
    created_at   timestamptz not null,
    created_by   text        not null,
    updated_at   timestamptz not null,
    updated_by   text        not null,
    version      integer     not null
);

-- Acts where a job names nobody else. The id is fixed: it is the same account in every environment.
insert into account (id, username, username_key, display_name, kind, email, active,
                     created_at, created_by, updated_at, updated_by, version)
values ('00000000-0000-7000-8000-000000000001', 'system', 'system', 'Async Job Manager', 'SYSTEM', null, true,
        now(), 'system', now(), 'system', 0);

-- System settings: what this service is within the product around it.
create table setting (
    key        text        not null constraint setting_pk primary key,
    name       text        not null,
    type       text        not null,
    -- Who may see and use it; more than the role superadmin is never allowed, whoever writes here
    roles      text[]      not null constraint setting_roles_fixed check (roles = array['superadmin']),
    enabled    boolean     not null,
    updated_at timestamptz not null,
    updated_by text        not null,
    version    integer     not null
);

insert into setting (key, name, type, roles, enabled, updated_at, updated_by, version)
values ('async-job-manager', 'Async Job Manager', 'Support', array['superadmin'], true, now(), 'system', 0);

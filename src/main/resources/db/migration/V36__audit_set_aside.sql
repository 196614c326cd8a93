-- Events the database refused to append to the trail. They stay in audit_waiting, where nothing can remove them, and are
-- tried again; meanwhile the others go past them.
create table audit_set_aside (
    position bigint      not null constraint audit_set_aside_pk primary key,
    id       uuid        not null,
    at       timestamptz not null default now(),
    reason   text        not null
);

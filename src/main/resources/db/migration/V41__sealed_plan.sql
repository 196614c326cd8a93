-- Plans that somebody else approves before they are applied.
create table sealed_plan (
    -- that of the plan
    hash text primary key check (length(hash) = 64),
    -- the plan as JSON, compressed and encrypted: it holds the text of scripts
    content bytea not null,
    pending integer not null,
    reason text,
    planned_at timestamptz not null,
    planned_by text not null,
    approved_at timestamptz,
    approved_by text,
    approval_reason text,
    expires_at timestamptz,
    applied_at timestamptz,
    applied_by text,
    check ((approved_at is null) = (approved_by is null)),
    check ((approved_at is null) = (expires_at is null)),
    check ((applied_at is null) = (applied_by is null)),
    check (approved_by <> planned_by),
    check (applied_at is null or approved_at is not null)
);

create index sealed_plan_planned_at on sealed_plan (planned_at);

-- The processes that share this database. A row is kept after its process has ended, for the runs that name it.
create table node (
    id uuid constraint node_pk primary key,
    name text not null,
    started_at timestamptz not null,
    heartbeat_at timestamptz not null,
    ended_at timestamptz,
    end_reason text,
    constraint node_end_reason_known check (end_reason in ('stopped', 'lost')),
    constraint node_ends_with_reason check ((ended_at is null) = (end_reason is null))
);

create index node_live on node (heartbeat_at) where ended_at is null;

-- How many events each 10,000 places of the trail hold, and how many of the texts that are frequent among them: so that the
-- number of all events that a filter takes, and the page that somebody asks for, are found without reading millions of them.
-- Derived from audit_event, made in the background, and no evidence of anything: verifying and exports do not look here.
create table audit_block (
    block    bigint      not null constraint audit_block_pk primary key,
    events   integer     not null,
    first_at timestamptz,
    last_at  timestamptz
);

-- Digests of texts; null stands for none and for all that are rare within the block.
create table audit_tally (
    block        bigint  not null,
    actor        bigint,
    on_behalf_of bigint,
    entity_type  bigint,
    entity_id    bigint,
    entity_name  bigint,
    job_id       bigint,
    events       integer not null
);

create index audit_tally_block on audit_tally (block);

-- What a call with an Idempotency-Key made, so that the same call again makes nothing more.
create table idempotency_key (
    -- SHA-256 of the caller and the key
    id text primary key check (length(id) = 64),
    -- SHA-256 of the call
    call text not null check (length(call) = 64),
    made uuid not null,
    created_at timestamptz not null default clock_timestamp()
);

create index idempotency_key_created_at on idempotency_key (created_at);

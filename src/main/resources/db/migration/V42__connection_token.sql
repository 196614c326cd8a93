-- Access tokens of connections, fetched once for all nodes. They are sealed by the service as the connections' secrets are.
create table connection_token (
    connection    uuid    not null constraint connection_token_pk primary key
                  constraint connection_token_connection references connection (id) on delete cascade,
    -- Of the connection, when it was fetched
    version       integer not null,
    -- Null while there is none
    sealed        bytea,
    renew_at      timestamptz,
    -- Until then one node fetches, and the others wait for it
    claimed_until timestamptz
);

-- When the next call of a connection with a rate may begin, for all nodes. It is of no worth after a crash.
create unlogged table connection_pace (
    connection uuid        not null constraint connection_pace_pk primary key,
    next_at    timestamptz not null
)
with (fillfactor = 50);

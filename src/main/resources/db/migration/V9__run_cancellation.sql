-- Cancellations asked for on one node of runs that another one holds: that node looks here every second.
create table run_cancellation (
    run_id uuid not null constraint run_cancellation_pk primary key,
    job_id uuid not null,
    node_id uuid not null,
    message text not null,
    requested_at timestamptz not null
);

-- Pauses that end by themselves are looked for every second.
create index job_paused_until on job (paused_until) where paused_until is not null;

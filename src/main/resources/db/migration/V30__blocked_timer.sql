-- A timer that cannot be read or run is set aside with its reason, and the others go on.
alter table job_timer
    add blocked text,
    add blocked_at timestamptz,
    add constraint job_timer_blocked_whole check ((blocked is null) = (blocked_at is null));

-- What is wrong with a timer, or null where nothing is. Damage comes from outside: checks may have been off.
create function timer_fault(interval_seconds integer, anchor timestamptz, next_tick timestamptz, epoch bigint) returns text
    language sql immutable parallel safe
    return case
        when interval_seconds not between 1 and 300
            then 'The timer''s interval is ' || interval_seconds || ' s; it must be from 1 to 300 s.'
        when anchor not between '2000-01-01 00:00:00+00' and '2999-12-31 00:00:00+00'
            then 'The timer''s grid begins at no real time.'
        when next_tick not between '2000-01-01 00:00:00+00' and '2999-12-31 00:00:00+00'
            then 'The timer''s next tick is no real time.'
        when epoch not between 0 and 4611686018427387904
            then 'The timer''s epoch is out of range.'
    end;

-- A damaged interval makes no division by zero: one such row would end every statement that reads it.
create or replace function ticks_until(next_tick timestamptz, interval_seconds integer, at timestamptz) returns bigint
    language sql immutable parallel safe
    return greatest(0, floor(extract(epoch from at - next_tick) / nullif(interval_seconds, 0))::bigint + 1);

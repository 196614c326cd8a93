-- Who did what, when, why, with the old and the new value. Decision 0040 tells how it is protected.

-- What has been committed and waits, for milliseconds, to be linked: written by the transactions whose changes it tells of,
-- side by side. Each row is sealed by the service (HMAC) with a key the database never sees.
create table audit_waiting (
    position      bigint generated always as identity constraint audit_waiting_pk primary key,
    id            uuid        not null,
    at            timestamptz not null,
    actor         text        not null,
    on_behalf_of  text,
    via           text        not null,
    entity_type   text        not null,
    entity_id     text        not null,
    entity_name   text,
    action        text        not null,
    -- JSON objects of the fields that changed; they have no foreign keys, since the trail outlives what it tells of
    before        text,
    after         text,
    reason        text,
    job_id        uuid,
    run_id        uuid,
    key_id        text        not null,
    seal          text        not null
);

-- The trail: a chain without gaps, appended to by one node at a time.
create table audit_event (
    seq           bigint      not null constraint audit_event_pk primary key,
    id            uuid        not null constraint audit_event_id_unique unique,
    at            timestamptz not null,
    actor         text        not null,
    on_behalf_of  text,
    via           text        not null,
    entity_type   text        not null,
    entity_id     text        not null,
    entity_name   text,
    action        text        not null,
    before        text,
    after         text,
    reason        text,
    job_id        uuid,
    run_id        uuid,
    key_id        text        not null,
    seal          text        not null,
    previous_hash text        not null,
    hash          text        not null
);

create index audit_event_at on audit_event (at);
create index audit_event_actor on audit_event (actor, seq);
create index audit_event_entity on audit_event (entity_type, entity_id, seq);
create index audit_event_entity_name on audit_event (entity_name, seq);
create index audit_event_job on audit_event (job_id, seq) where job_id is not null;

create function refuse_change_of_audit() returns trigger
    language plpgsql as $$
begin
    raise exception using
        errcode = 'insufficient_privilege',
        message = format('%s on "%s" is refused: the audit trail is added to and read, nothing else', tg_op, tg_table_name);
end
$$;

-- What waits may go only when the trail holds all of it.
create function refuse_loss_of_audit() returns trigger
    language plpgsql as $$
begin
    if not exists (
        select
        from audit_event e
        where e.id = old.id
            and (e.at, e.actor, e.on_behalf_of, e.via, e.entity_type, e.entity_id, e.entity_name, e.action, e.before,
                e.after, e.reason, e.job_id, e.run_id, e.key_id, e.seal)
                is not distinct from
                (old.at, old.actor, old.on_behalf_of, old.via, old.entity_type, old.entity_id, old.entity_name,
                old.action, old.before, old.after, old.reason, old.job_id, old.run_id, old.key_id, old.seal)
    ) then
        raise exception using
            errcode = 'insufficient_privilege',
            message = format('%s on "%s" is refused: the event is not in the audit trail yet', tg_op, tg_table_name);
    end if;
    return old;
end
$$;

create trigger audit_event_unchangeable
    before update or delete or truncate on audit_event
    for each statement
    execute function refuse_change_of_audit();

create trigger audit_waiting_unchangeable
    before update or truncate on audit_waiting
    for each statement
    execute function refuse_change_of_audit();

create trigger audit_waiting_kept
    before delete on audit_waiting
    for each row
    execute function refuse_loss_of_audit();

-- For the owner and in every replication role, too
alter table audit_event enable always trigger audit_event_unchangeable;
alter table audit_waiting enable always trigger audit_waiting_unchangeable;
alter table audit_waiting enable always trigger audit_waiting_kept;

revoke update, delete, truncate, references, trigger on audit_event from public, current_user;
revoke update, truncate, references, trigger on audit_waiting from public, current_user;

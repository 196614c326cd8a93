-- An index row holds at most 2,704 bytes, and what an event says may be longer: the indexes hold digests of eight bytes
-- instead. Whoever looks for a text compares the digests and then the texts. A node of the version before, beside this
-- schema, answers as it did, only more slowly where it filters; what it could not append it appends now.

-- Whatever limits a session has: with many events this takes a while, and nothing but the chain waits for it meanwhile
set local statement_timeout = 0;

drop index audit_event_actor;
drop index audit_event_entity;
drop index audit_event_entity_name;

create index audit_event_by_actor on audit_event (hashtextextended(actor, 0), seq);
create index audit_event_by_on_behalf_of on audit_event (hashtextextended(on_behalf_of, 0), seq) where on_behalf_of is not null;
create index audit_event_by_entity_type on audit_event (hashtextextended(entity_type, 0), seq);
create index audit_event_by_entity_id on audit_event (hashtextextended(entity_id, 0), seq);
create index audit_event_by_entity_name on audit_event (hashtextextended(entity_name, 0), seq) where entity_name is not null;

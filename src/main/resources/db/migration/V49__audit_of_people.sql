-- What scripts do are nearly all events. What people and the service do is found without reading those.
set local statement_timeout = 0;

create index audit_event_of_people on audit_event (seq) where via <> 'script';
create index audit_event_of_people_by_action on audit_event (action, seq) where via <> 'script';

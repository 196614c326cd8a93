-- Sources are encrypted by the service with a key the database never sees; digests stay readable. A row without a key's id
-- holds its source as it is, until the next start of a service that has a key.
alter table script rename column source to content;
alter table script add column key_id text;
create index script_key on script (key_id);

-- Who set a value by hand; null where a run did.
alter table job_state add column updated_by text;

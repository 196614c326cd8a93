-- Scripts run in strict mode since; one that was saved before may rely on its absence, and runs as it did until its text is
-- changed. A node of the version before saves without it, and is right.
alter table job
    add column strict boolean not null default false;

alter table job_revision
    add column strict boolean not null default false;

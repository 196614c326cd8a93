-- How the runs of an hour ended: an outcome and a count for each; an outcome may come twice. Hours that were added up before
-- have none: how their runs ended is not known any more where these are deleted. Nodes of the version before leave it empty.
alter table tick_hour
    add column outcomes text[] not null default '{}',
    add column outcome_counts bigint[] not null default '{}';

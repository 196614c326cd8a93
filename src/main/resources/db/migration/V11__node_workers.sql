-- The node's worker processes at its last heartbeat, as a JSON array.
alter table node add column workers text not null default '[]';

-- A node that was asked to stop says so at once: its neighbours take its ticks while its last runs end.
alter table node add leaving_at timestamptz;

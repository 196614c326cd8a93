-- Claims and ends change timers, but not what a plan rests on: a thousand jobs of 300 seconds would have them analysed each
-- minute. As many new jobs as there were still have it done.
alter table job_timer set (autovacuum_analyze_threshold = 1000, autovacuum_analyze_scale_factor = 1);

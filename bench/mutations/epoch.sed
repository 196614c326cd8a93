# Ends of runs are taken whatever their epoch and whoever holds the lease
s|where t.epoch = d.epoch and t.lease_run = d.run_id|where t.epoch >= d.epoch|
s|where t.epoch = c.epoch and t.lease_run = c.run_id|where t.epoch >= c.epoch|
s|t.epoch = h.epoch and t.lease_run = h.run_id|t.epoch >= h.epoch|

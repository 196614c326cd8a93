package io.asyncjobs.bench.peers;

import java.time.Instant;

/**
 * What a peer is asked to do.
 *
 * @param first when the first job is due
 * @param backlog whether all jobs are overdue and run once, other than at their interval
 */
record Load(int jobs, int intervalSeconds, Instant first, boolean backlog) {

    private static final long NANOS = 1_000_000_000L;

    /** When that job is due first: jobs are spread evenly over the interval, a backlog lies close together in the past. */
    Instant firstOf(int job) {
        return backlog ? first.plusMillis(job - jobs) : first.plusNanos(intervalSeconds * NANOS / jobs * job);
    }
}

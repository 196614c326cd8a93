package io.asyncjobs.schedule;

/** Ends of runs on record, as one part of the statements that free their leases. */
final class RunEnds {

    /** No run starts before its tick; where it seems so, the node's estimate of the time has moved meanwhile. */
    static final String STARTED_AS_TOLD =
            "case when h.started_at is not null then greatest(h.started_at, r.scheduled_for) end";

    /** As the claim put it on record. */
    static final String STARTED_AS_CLAIMED = "r.started_at";

    /**
     * Since when the job fails and when it last succeeded, as an end leaves them: assignments to a timer {@code t} from a row
     * {@code h} that has run_id, finished_at and outcome. A cancelled run tells nothing about the job.
     */
    static final String HEALTH = """
            failing_since = case h.outcome when 'succeeded' then null when 'cancelled' then t.failing_since
                    else coalesce(t.failing_since, h.finished_at) end,
                failing_run = case h.outcome when 'succeeded' then null when 'cancelled' then t.failing_run
                    else coalesce(t.failing_run, h.run_id) end,
                failed_runs = case h.outcome when 'succeeded' then 0 when 'cancelled' then t.failed_runs
                    else t.failed_runs + 1 end,
                last_success_at = case h.outcome when 'succeeded' then h.finished_at else t.last_success_at end,
                last_success_run = case h.outcome when 'succeeded' then h.run_id else t.last_success_run end
            """;

    private RunEnds() {}

    /**
     * Rows of a relation {@code held} go to the runs {@code run_id}: finished_at, outcome, result, error, effects,
     * log_truncated.
     *
     * @param startedAt when the run started, from the run's row {@code r} and the row {@code h} of {@code held}; null of a
     *     run that did not
     */
    static String record(String startedAt) {
        return """
            ended as (
                update run r
                set started_at =
            """ + startedAt + """
                    , finished_at = greatest(h.finished_at, r.scheduled_for), outcome = h.outcome, result = h.result,
                    error = h.error, effects = h.effects, log_truncated = h.log_truncated
                from held h
                where r.id = h.run_id
            )
            """;
    }
}

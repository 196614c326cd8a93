package io.asyncjobs.schedule;

/** Ticks on which nothing ran, as one part of the statements that find them. */
final class TickGaps {

    /** Rows of a relation {@code missed} become gaps; one that continues an earlier gap of its kind extends it. */
    static final String RECORD = """
            extended as (
                update tick_gap g
                set last_tick = tick_after(m.first_tick, m.interval_seconds, m.ticks - 1), ticks = g.ticks + m.ticks
                from missed m
                where g.job_id = m.job_id and g.reason = m.reason and g.interval_seconds = m.interval_seconds
                    and g.last_tick = tick_after(m.first_tick, m.interval_seconds, -1)
                returning g.job_id, m.first_tick
            ), recorded as (
                insert into tick_gap (job_id, first_tick, last_tick, ticks, interval_seconds, reason)
                select m.job_id, m.first_tick, tick_after(m.first_tick, m.interval_seconds, m.ticks - 1), m.ticks,
                    m.interval_seconds, m.reason
                from missed m
                where not exists (
                    select from extended e where e.job_id = m.job_id and e.first_tick = m.first_tick)
            )
            """;

    private TickGaps() {}
}
